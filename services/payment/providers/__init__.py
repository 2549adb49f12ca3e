"""The table of providers. A new one is a file beside this and a line in it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from chassis.clock import Clock
from chassis.keys import load_public_key
from services.payment.ports.providers import Provider
from services.payment.providers import sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTools:
    """What providers are built with."""

    client: httpx.AsyncClient
    clock: Clock
    keys_dir: Path
    sandbox_bank_url: str


def _sandbox(tools: ProviderTools) -> Provider:
    key = load_public_key(tools.keys_dir / "clients" / f"{sandbox.CLIENT_ID}.pub.pem")
    return sandbox.SandboxBank(
        url=tools.sandbox_bank_url, key=key, client=tools.client, clock=tools.clock
    )


PROVIDERS: Final[Mapping[str, Callable[[ProviderTools], Provider]]] = {
    sandbox.NAME: _sandbox,
}


def build_providers(names: Iterable[str], tools: ProviderTools) -> Mapping[str, Provider]:
    """Only those that are named are built, so the keys of an unused one need not exist."""
    return {name: PROVIDERS[name](tools) for name in names}

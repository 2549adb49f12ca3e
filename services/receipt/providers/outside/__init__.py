"""The table of outside issuers. A new one is a file beside this and a line in it."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import httpx

from services.receipt.ports.outside import Issuers
from services.receipt.providers.outside.adapter import Adapter, IssuerConfig
from services.receipt.providers.outside.config import BadIssuerFile, by_agency, read_configs
from services.receipt.providers.outside.viettel import viettel
from services.receipt.providers.outside.vnpt import vnpt
from services.receipt.providers.outside.wire import WiredIssuer

ADAPTERS: Final[Mapping[str, Callable[[IssuerConfig], Adapter]]] = {
    "viettel": viettel,
    "vnpt": vnpt,
}


def build_issuers(configs: Iterable[IssuerConfig], client: httpx.AsyncClient) -> Issuers:
    return {config.name: WiredIssuer(_adapter(config), client=client) for config in configs}


def read_issuers(
    keys_dir: Path, *, sandbox_url: str, client: httpx.AsyncClient
) -> tuple[Issuers, Mapping[str, str]]:
    """All that are configured, and by agency which of them is whose."""
    configs = read_configs(keys_dir, sandbox_url=sandbox_url)
    return build_issuers(configs, client), by_agency(configs)


def _adapter(config: IssuerConfig) -> Adapter:
    if config.kind not in ADAPTERS:
        raise BadIssuerFile(config.name, f"there is no kind {config.kind!r}")
    adapter = ADAPTERS[config.kind](config)
    missing = sorted(adapter.needs - config.facts.keys() - config.secrets.keys())
    if missing:
        raise BadIssuerFile(config.name, f"{', '.join(missing)} is missing")
    return adapter

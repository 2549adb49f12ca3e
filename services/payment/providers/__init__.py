"""The table of providers. A new one is a file beside this and a line in it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.keys import load_private_key, load_public_key
from services.payment.ports.providers import Provider
from services.payment.providers.adapter import Adapter, ProviderConfig
from services.payment.providers.bank import bank
from services.payment.providers.bank_orders import BankKeys
from services.payment.providers.casso import casso
from services.payment.providers.config import (
    BadProviderFile,
    Origins,
    read_config,
    registered_names,
)
from services.payment.providers.echeque import echeque
from services.payment.providers.momo import momo
from services.payment.providers.national import national
from services.payment.providers.payos import payos
from services.payment.providers.sepay import sepay
from services.payment.providers.vietqr import vietqr
from services.payment.providers.vnpay import vnpay
from services.payment.providers.vnptpay import vnptpay
from services.payment.providers.wire import WiredProvider
from services.payment.providers.zalopay import zalopay

SANDBOX: Final = "sandbox"
SANDBOX_CLIENT_ID: Final = "bank-sandbox"
# What banks know us by when we give them orders; without it we only hear and ask.
OUTGOING_KEY: Final = Path("payment") / "outgoing.key.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTools:
    """What providers are built with."""

    client: httpx.AsyncClient
    clock: Clock
    ids: Ids
    keys_dir: Path
    sandbox_bank_url: str
    public_origin: str


def _bank(config: ProviderConfig, keys_dir: Path) -> Adapter:
    return bank(config, _bank_keys(config, keys_dir))


def _bank_keys(config: ProviderConfig, keys_dir: Path) -> BankKeys:
    own = keys_dir / OUTGOING_KEY
    return BankKeys(
        bank=load_public_key(keys_dir / "clients" / f"{config.client_id}.pub.pem"),
        own=load_private_key(own) if own.exists() else None,
    )


# By the kind that a provider's file names: its adapter, made of that file and the folder of keys.
ADAPTERS: Final[Mapping[str, Callable[[ProviderConfig, Path], Adapter]]] = {
    "bank": _bank,
    "casso": lambda config, _keys_dir: casso(config),
    "echeque": lambda config, keys_dir: echeque(config, _bank_keys(config, keys_dir)),
    "momo": lambda config, _keys_dir: momo(config),
    "payos": lambda config, _keys_dir: payos(config),
    "sepay": lambda config, _keys_dir: sepay(config),
    "vietqr": lambda config, _keys_dir: vietqr(config),
    "zalopay": lambda config, _keys_dir: zalopay(config),
    "vnpay": lambda config, _keys_dir: vnpay(config),
    "vnptpay": lambda config, _keys_dir: vnptpay(config),
    "national": lambda config, _keys_dir: national(config),
}


def build_providers(names: Iterable[str] | None, tools: ProviderTools) -> Mapping[str, Provider]:
    """Only those that are named are built, so the keys of an unused one need not exist.

    Without names: the sandbox bank, and all that are registered by a file.
    """
    if names is None:
        names = (SANDBOX, *registered_names(tools.keys_dir))
    return {name: _build(name, tools) for name in names}


def _build(name: str, tools: ProviderTools) -> Provider:
    kind, config = _config(name, tools)
    adapter = ADAPTERS[kind](config, tools.keys_dir)
    missing = sorted(adapter.needs - config.facts.keys() - config.secrets.keys())
    if missing:
        raise BadProviderFile(name, f"{', '.join(missing)} is missing")
    return WiredProvider(
        adapter,
        client=tools.client,
        clock=tools.clock,
        ids=tools.ids,
    )


def _config(name: str, tools: ProviderTools) -> tuple[str, ProviderConfig]:
    if name == SANDBOX:
        return "bank", ProviderConfig(
            name=SANDBOX,
            client_id=SANDBOX_CLIENT_ID,
            url=tools.sandbox_bank_url.rstrip("/"),
            notify_url=f"{tools.public_origin.rstrip('/')}/v1/provider-notifications/{SANDBOX}",
        )
    origins = Origins(
        public_origin=tools.public_origin,
        sandbox_url=f"{tools.sandbox_bank_url.rstrip('/')}/providers",
    )
    return read_config(tools.keys_dir, name, origins)

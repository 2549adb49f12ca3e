"""Registrations of the providers that the sandbox plays: secrets made on first run, for
development only. A province writes its own files, with what each provider gave it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chassis.clock import SystemClock
from chassis.ids import SystemIds

LOOPBACK: Final = ("127.0.0.0/8", "::1/128")
SECRET_BYTES: Final = 24

Write = Callable[[Path, bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentProvider:
    """`notice_secrets` are those the gateway checks notices with, `secrets` all that payment needs.

    `scheme` None: it sends no notices, or its key is in the register of clients, as `client_id`.
    """

    scheme: str | None
    secrets: tuple[str, ...]
    notice_secrets: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    client_id: str | None = None


PROVIDERS: Final[Mapping[str, DevelopmentProvider]] = {
    "casso": DevelopmentProvider(
        scheme="casso",
        secrets=("checksum_key", "api_key"),
        notice_secrets=("checksum_key",),
    ),
    "echeque": DevelopmentProvider(
        scheme=None, secrets=(), notice_secrets=(), client_id="bank-echeque"
    ),
    "sepay": DevelopmentProvider(
        scheme="sepay",
        secrets=("webhook_secret", "api_token"),
        notice_secrets=("webhook_secret",),
    ),
    "momo": DevelopmentProvider(
        scheme="momo",
        secrets=("secret_key", "access_key"),
        notice_secrets=("secret_key", "access_key"),
        facts={"partner_code": "LEPHIDEV"},
    ),
    "payos": DevelopmentProvider(
        scheme="payos",
        secrets=("checksum_key", "api_key"),
        notice_secrets=("checksum_key",),
        facts={"client_id": "lephi-dev", "account_number": "0123456789"},
    ),
    "zalopay": DevelopmentProvider(
        scheme="zalopay",
        secrets=("key1", "key2"),
        notice_secrets=("key2",),
        facts={"app_id": "2553"},
    ),
    "vnpay": DevelopmentProvider(
        scheme="vnpay",
        secrets=("hash_secret",),
        notice_secrets=("hash_secret",),
        facts={"tmn_code": "LEPHIDEV"},
    ),
    "vnptpay": DevelopmentProvider(
        scheme="vnptpay",
        secrets=("secret_key", "api_key"),
        notice_secrets=("secret_key",),
        facts={"merchant_service_id": "1001"},
    ),
    "national": DevelopmentProvider(
        scheme="national",
        secrets=("secret_key", "access_token"),
        notice_secrets=("secret_key",),
        facts={"partner_code": "LEPHIDEV", "province": "Đồng Nai"},
    ),
    "vietqr": DevelopmentProvider(
        scheme="vietqr",
        secrets=("token_secret", "username", "password", "api_username", "api_password"),
        notice_secrets=("token_secret", "username", "password"),
        facts={
            "bank_code": "VCB",
            "account_number": "0011004000111",
            "account_name": "SO TU PHAP DONG NAI",
        },
    ),
}


def ensure_development_providers(keys: Path, *, write: Write) -> None:
    """`keys/payment-providers/<name>.json` for the payment service and the sandbox, and
    `keys/providers/<name>.json` for the gateway, with the same secrets. What exists is kept."""
    for name, provider in PROVIDERS.items():
        path = keys / "payment-providers" / f"{name}.json"
        if not path.exists():
            made = {one: _new_secret() for one in provider.secrets}
            said: dict[str, object] = {"facts": dict(provider.facts), "secrets": made}
            if provider.client_id is not None:
                said["client_id"] = provider.client_id
            write(path, _json(said))
        held = json.loads(path.read_text("utf-8"))["secrets"]
        registered = keys / "providers" / f"{name}.json"
        if provider.scheme is not None and not registered.exists():
            registration = {
                "scheme": provider.scheme,
                "client_id": name,
                "secrets": {one: held[one] for one in provider.notice_secrets},
                "networks": list(LOOPBACK),
            }
            write(registered, _json(registration))


def _new_secret() -> str:
    return SystemIds(SystemClock()).token(SECRET_BYTES)


def _json(value: Mapping[str, object]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()

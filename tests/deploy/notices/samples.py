"""What each provider's commands are given: secrets of nobody, and a name in its own form."""

from typing import Final

from typer.testing import CliRunner, Result

from deploy.cli import app

SECRET: Final = "DEVELOPERSECRETKEY00000000000000"
OTHER: Final = "ANOTHERSECRETKEY0000000000000000"
BILL: Final = "LP0123456789"
SECRETS: Final = {
    "vnpay": ("hash_secret",),
    "vnptpay": ("secret_key",),
    "national": ("secret_key",),
    "momo": ("secret_key", "access_key"),
    "zalopay": ("key1", "key2"),
    "payos": ("checksum_key",),
    "sepay": ("webhook_secret",),
    "casso": ("checksum_key",),
    "vietqr": ("token_secret", "username", "password"),
}
REFERENCES: Final = {"zalopay": "261123_LP0123456789", "payos": "123456"}
# What a feed tells is not named by us but by a memo, and it tells of no failure.
FEEDS: Final = frozenset({"sepay", "casso", "vietqr"})
TELLS_SUCCESS_ALONE: Final = FEEDS | {"zalopay", "payos"}
AT: Final = "2026-11-23T09:00:00+07:00"


def lephi(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, arguments, input=given)


def reference_of(provider: str) -> str:
    return REFERENCES.get(provider, BILL)


def secrets_of(provider: str, value: str = SECRET) -> list[str]:
    return [word for name in SECRETS[provider] for word in ("--secret", f"{name}={value}")]

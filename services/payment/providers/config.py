"""Providers from files, read once at start: `<keys_dir>/payment-providers/<name>.json`.

    {"kind": "vnpay", "url": "https://…", "facts": {"tmn_code": "…"}, "secrets": {"…": "…"}}

`kind` names the adapter and is the file's name unless given; without a `url` the provider is
played by the sandbox. The gateway keeps its own copy of the secrets it checks notices with.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chassis.canonical import load_json
from chassis.errors import Malformed
from services.payment.providers.adapter import ProviderConfig

FOLDER: Final = "payment-providers"
FILES_MAX: Final = 200
FILE_BYTES_MAX: Final = 16384
NAME: Final = re.compile(r"[a-z0-9-]{1,32}")
MEMBERS: Final = frozenset({"kind", "client_id", "url", "facts", "secrets"})


class BadProviderFile(ValueError):
    """The service does not start on a file it would have to guess about. Names no secret."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{FOLDER}/{name}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Whom a provider speaks with: us, at the public origin; without a url, the sandbox."""

    public_origin: str
    sandbox_url: str


def registered_names(keys_dir: Path) -> tuple[str, ...]:
    found = sorted(path.stem for path in (keys_dir / FOLDER).glob("*.json"))
    if len(found) > FILES_MAX:
        raise BadProviderFile("", f"more than {FILES_MAX} files")
    return tuple(found)


def read_config(keys_dir: Path, name: str, origins: Origins) -> tuple[str, ProviderConfig]:
    """The adapter's name, and what it is made with."""
    path = keys_dir / FOLDER / f"{name}.json"
    if not NAME.fullmatch(name):
        raise BadProviderFile(name, "a provider's name is small letters, digits and hyphens")
    raw = path.read_bytes()
    if len(raw) > FILE_BYTES_MAX:
        raise BadProviderFile(name, f"longer than {FILE_BYTES_MAX} bytes")
    try:
        said = load_json(raw)
    except Malformed as error:
        raise BadProviderFile(name, error.message) from error
    if not isinstance(said, dict) or not said.keys() <= MEMBERS:
        raise BadProviderFile(name, f"may hold only {', '.join(sorted(MEMBERS))}")
    return _text(said, "kind", name), ProviderConfig(
        name=name,
        client_id=_text(said, "client_id", name),
        url=(_text(said, "url", "") or f"{origins.sandbox_url.rstrip('/')}/{name}").rstrip("/"),
        notify_url=f"{origins.public_origin.rstrip('/')}/v1/provider-notifications/{name}",
        facts=_texts(said, "facts", name),
        secrets=_texts(said, "secrets", name),
    )


def _text(said: Mapping[str, Any], member: str, default: str) -> str:
    value = said.get(member, default)
    if not isinstance(value, str):
        raise BadProviderFile(default, f"{member} is no text")
    return value


def _texts(said: Mapping[str, Any], member: str, name: str) -> Mapping[str, str]:
    value = said.get(member, {})
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise BadProviderFile(name, f"{member} is no object of texts")
    return value

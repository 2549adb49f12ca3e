"""Registrations of the outside issuers that the sandbox plays, for development only. A province
writes its own files, with what its contract gave it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis.clock import SystemClock
from chassis.ids import SystemIds

FOLDER: Final = "receipt-issuers"
SECRET_BYTES: Final = 24
OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentIssuer:
    facts: Mapping[str, str]
    secrets: tuple[str, ...]


KINDS: Final[Mapping[str, DevelopmentIssuer]] = {
    "vnpt": DevelopmentIssuer(
        facts={"pattern": "01BLP0-001", "serial": "VN-{yy}E"},
        secrets=("account", "ac_password", "username", "password"),
    ),
    "viettel": DevelopmentIssuer(
        facts={
            "supplier_tax_code": "3600654321",
            "invoice_type": "01BLP",
            "template_code": "01BLP0-002",
            "series": "VT{yy}E",
        },
        secrets=("username", "password"),
    ),
}


class UnknownKind(ValueError):
    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind} is none of {', '.join(sorted(KINDS))}.")


def write_development_issuer(
    keys_dir: Path, name: str, *, kind: str, agencies: Sequence[str]
) -> Path:
    """What exists is kept."""
    if kind not in KINDS:
        raise UnknownKind(kind)
    path = keys_dir / FOLDER / f"{name}.json"
    if path.exists():
        return path
    issuer = KINDS[kind]
    ids = SystemIds(SystemClock())
    said = {
        "kind": kind,
        "agencies": list(agencies),
        "facts": dict(issuer.facts),
        "secrets": {one: ids.token(SECRET_BYTES) for one in issuer.secrets},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=OWNER_ONLY)
    path.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return path

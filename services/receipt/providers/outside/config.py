"""Outside issuers from files, read once at start: `<keys_dir>/receipt-issuers/<name>.json`.

    {"kind": "vnpt", "url": "https://…", "agencies": ["H19.25"], "facts": {"pattern": "…"},
     "secrets": {"password": "…"}}

`kind` names the adapter and is the file's name unless given; `agencies` are the collecting bodies
it issues for; without a `url` the issuer is played by the sandbox.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from chassis.canonical import load_json
from chassis.errors import Malformed
from services.receipt.providers.outside.adapter import IssuerConfig

FOLDER: Final = "receipt-issuers"
FILES_MAX: Final = 200
FILE_BYTES_MAX: Final = 65_536
NAME: Final = re.compile(r"[a-z0-9-]{1,32}")
MEMBERS: Final = frozenset({"kind", "url", "agencies", "facts", "secrets"})


class BadIssuerFile(ValueError):
    """The service does not start on a file it would have to guess about. Names no secret."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{FOLDER}/{name}: {reason}")


def read_configs(keys_dir: Path, *, sandbox_url: str) -> tuple[IssuerConfig, ...]:
    paths = sorted((keys_dir / FOLDER).glob("*.json"))
    if len(paths) > FILES_MAX:
        raise BadIssuerFile("", f"more than {FILES_MAX} files")
    return tuple(_read(path, sandbox_url) for path in paths)


def by_agency(configs: Iterable[IssuerConfig]) -> Mapping[str, str]:
    """Who issues for whom. A collecting body has one issuer: two would number the same fee."""
    found: dict[str, str] = {}
    for config in configs:
        for agency in config.agencies:
            if agency in found:
                raise BadIssuerFile(config.name, f"{agency} has the issuer {found[agency]} already")
            found[agency] = config.name
    return found


def _read(path: Path, sandbox_url: str) -> IssuerConfig:
    name = path.stem
    if not NAME.fullmatch(name):
        raise BadIssuerFile(name, "an issuer's name is small letters, digits and hyphens")
    raw = path.read_bytes()
    if len(raw) > FILE_BYTES_MAX:
        raise BadIssuerFile(name, f"longer than {FILE_BYTES_MAX} bytes")
    try:
        said = load_json(raw)
    except Malformed as error:
        raise BadIssuerFile(name, error.message) from error
    if not isinstance(said, dict) or not said.keys() <= MEMBERS:
        raise BadIssuerFile(name, f"may hold only {', '.join(sorted(MEMBERS))}")
    url = _text(said, "url", "", name) or f"{sandbox_url.rstrip('/')}/issuers/{name}"
    return IssuerConfig(
        name=name,
        kind=_text(said, "kind", name, name),
        url=url.rstrip("/"),
        agencies=_agencies(said, name),
        facts=_texts(said, "facts", name),
        secrets=_texts(said, "secrets", name),
    )


def _agencies(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = said.get("agencies", [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise BadIssuerFile(name, "agencies is no list of codes")
    return tuple(value)


def _text(said: Mapping[str, Any], member: str, default: str, name: str) -> str:
    value = said.get(member, default)
    if not isinstance(value, str):
        raise BadIssuerFile(name, f"{member} is no text")
    return value


def _texts(said: Mapping[str, Any], member: str, name: str) -> Mapping[str, str]:
    value = said.get(member, {})
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise BadIssuerFile(name, f"{member} is no object of texts")
    return value

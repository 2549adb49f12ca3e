"""Providers' registrations from files, read once at start: `<keys_dir>/providers/<name>.json`."""

import re
import stat
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import structlog

from chassis.canonical import load_json
from chassis.errors import Malformed
from gateway.authentication.callbacks.scheme import Scheme
from gateway.domain.callbacks.registration import (
    PREVIOUS,
    SIGNATURE_HEADER,
    EvidenceLevel,
    Network,
    ProviderRegistration,
)

FOLDER: Final = "providers"
FILES_MAX: Final = 200
FILE_BYTES_MAX: Final = 16384
NETWORKS_MAX: Final = 64
SECRET_LENGTH: Final = (8, 512)
NAME: Final = re.compile(r"[a-z0-9-]{1,32}")
CLIENT: Final = re.compile(r"[a-z0-9-]{1,64}")
HEADER: Final = re.compile(r"[a-z0-9-]{1,64}")
MEMBERS: Final = frozenset({"scheme", "client_id", "secrets", "networks", "header"})
log = structlog.get_logger()


class BadRegistration(ValueError):
    """The gateway does not start on a file it would have to guess about. Names no secret."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{FOLDER}/{name}: {reason}")


def read_registrations(
    keys_dir: Path, schemes: Mapping[str, Scheme]
) -> dict[str, ProviderRegistration]:
    files = sorted((keys_dir / FOLDER).glob("*.json"))
    if len(files) > FILES_MAX:
        raise BadRegistration("", f"more than {FILES_MAX} files")
    return {path.stem: _read(path, schemes) for path in files}


def _read(path: Path, schemes: Mapping[str, Scheme]) -> ProviderRegistration:
    if not NAME.fullmatch(path.stem):
        raise BadRegistration(path.name, "a provider's name is small letters, digits and hyphens")
    found = path.stat()
    if found.st_mode & stat.S_IROTH:
        log.warning("a provider's secrets can be read by everybody", file=path.name)
    if found.st_size > FILE_BYTES_MAX:
        raise BadRegistration(path.name, f"longer than {FILE_BYTES_MAX} bytes")
    try:
        said = load_json(path.read_bytes())
    except Malformed as error:
        raise BadRegistration(path.name, error.message) from error
    if not isinstance(said, dict) or not said.keys() <= MEMBERS:
        raise BadRegistration(path.name, f"may hold only {', '.join(sorted(MEMBERS))}")
    scheme = schemes.get(said.get("scheme", ""))
    if scheme is None:
        raise BadRegistration(path.name, f"the scheme is none of {', '.join(schemes)}")
    return ProviderRegistration(
        provider=path.stem,
        scheme=scheme.name,
        client_id=_matching(path, said, "client_id", CLIENT),
        secrets=_secrets(path, said.get("secrets", {}), scheme),
        networks=_networks(path, said.get("networks", []), scheme),
        header=_matching(path, {"header": SIGNATURE_HEADER, **said}, "header", HEADER),
    )


def _matching(path: Path, said: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadRegistration(path.name, f"{name} has another form")
    return value


def _secrets(path: Path, given: Any, scheme: Scheme) -> dict[str, str]:
    """Exactly one of the scheme's sets, each name perhaps with the secret before it."""
    if not isinstance(given, dict):
        raise BadRegistration(path.name, "secrets is not an object")
    for name, value in given.items():
        if not isinstance(value, str) or not SECRET_LENGTH[0] <= len(value) <= SECRET_LENGTH[1]:
            raise BadRegistration(path.name, f"{name} is too short, too long or no text")
    current = {name for name in given if not name.endswith(PREVIOUS)} - scheme.more_secrets
    if current not in [set(names) for names in scheme.secrets]:
        wanted = " or ".join(" and ".join(names) or "none" for names in scheme.secrets)
        raise BadRegistration(path.name, f"its secrets must be {wanted}")
    if any(name.removesuffix(PREVIOUS) not in current | scheme.more_secrets for name in given):
        raise BadRegistration(path.name, "an earlier secret of nothing")
    return given


def _networks(path: Path, given: Any, scheme: Scheme) -> tuple[Network, ...]:
    if not isinstance(given, list) or len(given) > NETWORKS_MAX:
        raise BadRegistration(path.name, f"networks is not a list of at most {NETWORKS_MAX}")
    try:
        networks = tuple(ip_network(one) for one in given if isinstance(one, str))
    except ValueError as error:
        raise BadRegistration(path.name, "a network has another form") from error
    if len(networks) != len(given) or any(one.prefixlen == 0 for one in networks):
        raise BadRegistration(path.name, "a network is no text, or the whole internet")
    if scheme.level is EvidenceLevel.P3 and not networks:
        log.warning("no notice of this provider is taken without networks", file=path.name)
    return networks

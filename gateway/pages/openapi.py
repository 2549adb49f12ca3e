"""The API documents of all services as one: what the gateway's table shows, and nothing else."""

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import structlog

Json = dict[str, Any]
Shown = Mapping[tuple[str, str], list[dict[str, list[str]]]]

METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
# The same refusals everywhere: one component, not one for each service.
SHARED: Final = frozenset({"ProblemBody"})
DESCRIPTION: Final = (
    "Phí, lệ phí của thủ tục hành chính: nộp bằng bất kỳ ngân hàng nào, biên lai ký số ngay.\n\n"
    "Fees of public procedures: paid by any bank, a signed receipt at once. Machines sign every "
    "request (RFC 9421); payers sign in and confirm each fee on their own device."
)
SECURITY_SCHEMES: Final[Json] = {
    "messageSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": (
            "HTTP Message Signatures (RFC 9421) with a registered key: headers `Signature`, "
            "`Signature-Input`, `lephi-client` and, with a body, `Content-Digest` (RFC 9530)."
        ),
    },
    "providerScheme": {
        "type": "apiKey",
        "in": "header",
        "name": "lephi-jws",
        "description": (
            "The one scheme the provider is registered for: a JWS in this header, or the "
            "provider's own signature in its header, body or query."
        ),
    },
    "session": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of POST /v1/sessions: password and one-time code.",
    },
}
log = structlog.get_logger()


def read_documents(folder: Path, services: Iterable[str]) -> dict[str, Json]:
    """The documents that are there; a missing one is said in the log and left out."""
    documents: dict[str, Json] = {}
    for service in services:
        path = folder / f"{service}.json"
        if path.is_file():
            documents[service] = json.loads(path.read_bytes())
        else:
            log.warning("no API document", service=service, path=str(path))
    return documents


def merge(documents: Mapping[str, Json], *, shown: Shown, version: str, origin: str) -> Json:
    """`shown` maps (method, path) to its security. Names are prefixed by their service."""
    merged: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Lephi", "version": version, "description": DESCRIPTION},
        "servers": [{"url": origin}],
        "tags": [],
        "paths": {},
        "components": {"securitySchemes": deepcopy(SECURITY_SCHEMES)},
    }
    for service, document in documents.items():
        paths = _shown_paths(service, document, shown)
        if not paths:
            continue
        merged["tags"].append({"name": service, "description": document["info"]["title"]})
        for path, operations in paths.items():
            merged["paths"].setdefault(path, {}).update(operations)
        for kind, components in _prefixed_components(service, document).items():
            merged["components"].setdefault(kind, {}).update(components)
    return merged


def _shown_paths(service: str, document: Json, shown: Shown) -> Json:
    paths: Json = {}
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            security = shown.get((method.upper(), _any_name(path)))
            if method not in METHODS or security is None:
                continue
            changed = _rewritten(service, operation)
            changed["tags"] = [service]
            changed["security"] = security
            if "operationId" in changed:
                changed["operationId"] = f"{service}_{changed['operationId']}"
            paths.setdefault(path, {})[method] = changed
    return paths


def _prefixed_components(service: str, document: Json) -> Json:
    return {
        kind: {
            _name(service, name): _rewritten(service, value) for name, value in components.items()
        }
        for kind, components in document.get("components", {}).items()
        if kind != "securitySchemes"
    }


def _rewritten(service: str, value: Any) -> Any:
    """A copy whose references point at the prefixed names."""
    if isinstance(value, list):
        return [_rewritten(service, inner) for inner in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _rewritten(service, inner) for key, inner in value.items()}
    reference = copied.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/components/"):
        head, _, name = reference.rpartition("/")
        copied["$ref"] = f"{head}/{_name(service, name)}"
    return copied


def _name(service: str, name: str) -> str:
    return name if name in SHARED else f"{service}.{name}"


def _any_name(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def path_key(path: str) -> str:
    """Two services may name the same parameter differently; the place is what counts."""
    return _any_name(path)

"""The API documents of all services as one: what the gateway's table shows, and nothing else."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """What the gateway adds to a service's own words about an operation.

    `refusals` are problem codes by status; `headers` names those an answer of a status may have;
    `proof` those that sign every answer but `unsigned` ones, and perhaps `perhaps_unsigned` ones.
    """

    security: list[dict[str, list[str]]]
    extensions: Json = field(default_factory=dict)
    parameters: list[Json] = field(default_factory=list)
    body_example: Mapping[str, Any] | None = None
    refusals: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    proof: tuple[str, ...] = ()
    unsigned: frozenset[int] = frozenset()
    perhaps_unsigned: frozenset[int] = frozenset()
    headers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


Shown = Mapping[tuple[str, str], Documented]

METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
# The same refusals everywhere: one component, not one for each service.
SHARED: Final = frozenset({"ProblemBody"})
DESCRIPTION: Final = (
    "Phí, lệ phí của thủ tục hành chính: nộp bằng bất kỳ ngân hàng nào, biên lai ký số ngay.\n\n"
    "Fees of public procedures: paid by any bank, a signed receipt at once. Machines sign every "
    "request (RFC 9421); payers sign in and confirm each fee on their own device.\n\n"
    "For portals and banks: [how to sign](/docs/how-to-sign), worked through byte by byte.\n\n"
    "Each operation says who may come in (`security`), what is signed (`x-lephi-signature`), which "
    "duty a person needs (`x-lephi-roles`, any of them), and how they must have signed in "
    "(`x-lephi-acr` or stronger, `x-lephi-fresh-within-seconds`). `x-lephi-codes` are the problem "
    "codes of the door; those of the work behind it come on top."
)
PROBLEM: Final[Json] = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
}
# What every application says it may answer; the gateway knows better which of it can happen.
BLANKET: Final = "Refused"
OF_THE_DOOR: Final = frozenset({"401", "403"})
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


def merge(
    documents: Mapping[str, Json],
    *,
    shown: Shown,
    components: Json,
    version: str,
    origin: str,
) -> Json:
    """`shown` is by (method, path); `components` holds security schemes and headers.

    Names are prefixed by their service.
    """
    merged: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Lephi", "version": version, "description": DESCRIPTION},
        "servers": [{"url": origin}],
        "tags": [],
        "paths": {},
        "components": {kind: dict(named) for kind, named in components.items()},
    }
    for service, document in documents.items():
        paths = _shown_paths(service, document, shown)
        if not paths:
            continue
        merged["tags"].append({"name": service, "description": document["info"]["title"]})
        for path, operations in paths.items():
            merged["paths"].setdefault(path, {}).update(operations)
        for kind, named in _prefixed_components(service, document).items():
            merged["components"].setdefault(kind, {}).update(named)
    return merged


def _shown_paths(service: str, document: Json, shown: Shown) -> Json:
    paths: Json = {}
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            more = shown.get((method.upper(), _any_name(path)))
            if method not in METHODS or more is None:
                continue
            changed = _rewritten(service, operation)
            changed["tags"] = [service]
            _add(changed, more)
            if "operationId" in changed:
                changed["operationId"] = f"{service}_{changed['operationId']}"
            paths.setdefault(path, {})[method] = changed
    return paths


def _add(operation: Json, more: Documented) -> None:
    operation["security"] = more.security
    operation |= more.extensions
    named = {(one["name"].lower(), one["in"]) for one in operation.get("parameters", ())}
    missing = [one for one in more.parameters if (one["name"].lower(), one["in"]) not in named]
    if missing:
        operation["parameters"] = [*operation.get("parameters", ()), *missing]
    if more.body_example is not None:
        for content in operation["requestBody"]["content"].values():
            content["example"] = more.body_example
    answers: Json = operation.setdefault("responses", {})
    for status in OF_THE_DOOR & answers.keys():
        if int(status) not in more.refusals and answers[status].get("description") == BLANKET:
            del answers[status]
    for answer in answers.values():
        _only_as_problem(answer)
    for code, codes in more.refusals.items():
        answer = answers.setdefault(str(code), {"description": BLANKET, "content": PROBLEM})
        if answer.get("description") == BLANKET:
            answer["description"] = "Refused: " + ", ".join(f"`{one}`" for one in codes)
        answer["x-lephi-codes"] = list(codes)
    for status, answer in answers.items():
        _add_headers(answer, int(status), more)
    operation["responses"] = {status: answers[status] for status in sorted(answers)}


def _only_as_problem(answer: Json) -> None:
    """The framework lists JSON beside problem+json wherever a model is named."""
    content = answer.get("content", {})
    if PROBLEM.keys() <= content.keys():
        answer["content"] = {name: content[name] for name in PROBLEM}


def _add_headers(answer: Json, status: int, more: Documented) -> None:
    proof = () if status in more.unsigned else more.proof
    headers = {name: _header(name) for name in (*more.headers.get(status, ()), *proof)}
    if headers:
        answer["headers"] = {**answer.get("headers", {}), **headers}
    if more.proof:
        answer["x-lephi-signed"] = bool(proof) and status not in more.perhaps_unsigned


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


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

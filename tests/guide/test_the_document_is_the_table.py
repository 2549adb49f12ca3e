"""What /openapi.json says of each operation is what the table of routes demands of it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from chassis.message_signatures import SHAPES
from deploy.contracts import openapi
from gateway.authentication.callbacks.scheme import Where
from gateway.authentication.schemes import SCHEMES
from gateway.pages.openapi import path_key
from gateway.routes.route import OWN, Demand, Route
from gateway.routes.signed_answers import SIGNED_CLASSES
from gateway.routes.table import ROUTES

Json = dict[str, Any]
# Pages and probes for people and machines in the house: no interface, hence no operation.
NO_INTERFACE: Final = ("/docs", "/health", "/openapi.json")


@pytest.fixture(scope="module")
def document() -> Json:
    read: Json = json.loads(openapi()["merged.json"])
    return read


def operations(document: Json) -> Mapping[tuple[str, str], Json]:
    return {
        (method.upper(), path_key(path)): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def documented_routes(document: Json) -> Iterator[tuple[Route, Json]]:
    found = operations(document)
    for route in ROUTES:
        if (route.method, path_key(route.path)) in found:
            yield route, found[route.method, path_key(route.path)]


def test_every_route_is_documented_and_nothing_else(document: Json) -> None:
    shown = {
        (route.method, path_key(route.path))
        for route in ROUTES
        if not is_page(route) and not route.path.startswith(NO_INTERFACE)
    }
    assert operations(document).keys() == shown


def is_page(route: Route) -> bool:
    """What people look at in a browser is not part of the interface for machines."""
    return route.service == OWN and not route.path.startswith(("/v1/", "/oauth2/", "/.well-known/"))


def test_the_document_is_openapi_3_1(document: Json) -> None:
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []


def test_every_scheme_that_is_named_is_defined_and_every_one_defined_is_used(
    document: Json,
) -> None:
    used = {
        name
        for operation in operations(document).values()
        for way in operation["security"]
        for name in way
    }
    assert used == document["components"]["securitySchemes"].keys()


def test_each_route_is_open_to_whom_the_table_says(document: Json) -> None:
    by_person = {"session", "sessionCookie"}
    for route, operation in documented_routes(document):
        ways = operation["security"]
        first = {next(iter(way)) for way in ways}
        signed = "messageSignature" in first
        people = first & by_person
        told = f"{route.method} {route.path}"
        match route.demand:
            case Demand.PUBLIC:
                assert ways == [], told
            case Demand.SESSION:
                assert (signed, people) == (False, by_person), told
            case Demand.SIGNED_OR_SESSION:
                assert (signed, people) == (True, by_person), told
            case Demand.SIGNED:
                assert (signed, people) == (True, set()), told
            case Demand.CALLBACK:
                assert signed == (route.method == "POST"), told
                assert not people, told


def test_a_token_opens_looks_only_with_exactly_the_scopes_of_the_route(document: Json) -> None:
    for route, operation in documented_routes(document):
        tokens = [way for way in operation["security"] if "accessToken" in way]
        looks = route.method == "GET" and "messageSignature" in json.dumps(operation["security"])
        assert bool(tokens) == looks, route.path
        for way in tokens:
            assert way["accessToken"] == sorted(route.scopes)
            assert way.keys() & {"dpopProof", "clientCertificate"}
        allowed = document["components"]["securitySchemes"]["accessToken"]["flows"]
        assert route.scopes <= allowed["clientCredentials"]["scopes"].keys() or not tokens


def test_a_page_that_changes_something_sends_its_own_token_too(document: Json) -> None:
    for route, operation in documented_routes(document):
        for way in operation["security"]:
            if "sessionCookie" in way:
                assert ("csrfToken" in way) == (route.method != "GET"), route.path


def test_what_is_signed_stands_at_each_operation(document: Json) -> None:
    for route, operation in documented_routes(document):
        said = operation.get("x-lephi-signature")
        takes_it = any("messageSignature" in way for way in operation["security"])
        assert (said is not None) == takes_it, route.path
        if said is None or route.signature is None:
            continue
        shape = SHAPES[route.signature.value.tag]
        assert (said["tag"], tuple(said["components"])) == (shape.tag, shape.components)
        named = [one["name"].lower() for one in operation.get("parameters", [])]
        assert ("idempotency-key" in named) == ("idempotency-key" in shape.components), route.path


def test_duties_and_step_up_stand_at_each_operation(document: Json) -> None:
    for route, operation in documented_routes(document):
        assert operation.get("x-lephi-roles", []) == sorted(route.roles), route.path
        assert operation.get("x-lephi-acr") == route.acr, route.path
        fresh = route.fresh_within.total_seconds() if route.fresh_within else None
        assert operation.get("x-lephi-fresh-within-seconds") == fresh, route.path
        codes_of = codes(operation)
        needs_more = bool(route.acr or route.fresh_within)
        assert ("insufficient_user_authentication" in codes_of[401]) == needs_more, route.path
        assert ("role_needed" in codes_of[403]) == bool(route.roles), route.path


def test_a_route_that_opens_a_fee_says_that_it_may_be_under_maintenance(document: Json) -> None:
    for route, operation in documented_routes(document):
        assert ("under_maintenance" in codes(operation)[503]) == route.opens_fee, route.path
        assert operation.get("x-lephi-opens-fee", False) == route.opens_fee, route.path


def test_only_who_has_to_prove_something_can_fail_to(document: Json) -> None:
    for route, operation in documented_routes(document):
        if operation["security"]:
            assert codes(operation)[401], route.path
            assert "WWW-Authenticate" in operation["responses"]["401"]["headers"], route.path
        elif route.service != OWN:
            assert not operation["responses"].keys() & {"401", "403"}, route.path


def test_every_operation_says_how_much_is_too_much(document: Json) -> None:
    for route, operation in documented_routes(document):
        answers = operation["responses"]
        assert "too_many_requests" in codes(operation)[429], route.path
        assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= answers["429"]["headers"].keys()
        assert "Retry-After" in answers["503"]["headers"], route.path


def test_signed_answers_are_documented_with_their_proof(document: Json) -> None:
    proof = {"Signature", "Signature-Input", "Content-Digest"}
    for route, operation in documented_routes(document):
        signed = route.signature in SIGNED_CLASSES
        assert ("x-lephi-signed-answer" in operation) == signed, route.path
        for status, answer in operation["responses"].items():
            headers = answer.get("headers", {}).keys()
            # Turned away before a body was read whole: nobody there holds a key.
            in_front = status in {"408", "413"}
            assert (proof <= headers) == (signed and not in_front), (route.path, status)
            said = answer.get("x-lephi-signed", False)
            assert said == (signed and not in_front and status not in {"429", "503"})


def test_every_scheme_of_a_provider_is_there_where_it_carries_its_proof(document: Json) -> None:
    found = operations(document)
    for scheme in SCHEMES.values():
        if scheme.name == "rfc9421":
            continue
        security = found[scheme.method, "/v1/provider-notifications/{}"]["security"]
        named = {name for way in security for name in way}
        said = [
            document["components"]["securitySchemes"][name]
            for name in named
            if name.split(".")[:2] == ["provider", scheme.name]
        ]
        places = {
            (one.get("x-lephi-in", one.get("in")), one.get("x-lephi-name", one.get("name")))
            for one in said
        }
        assert places == {(place.where.value, place.name) for place in scheme.places}
        assert all((one["type"] == "http") == ("x-lephi-in" in one) for one in said)
        assert all(place.where in Where for place in scheme.places)


def test_a_token_endpoint_says_where_it_is_and_brings_nonces(document: Json) -> None:
    flow = document["components"]["securitySchemes"]["accessToken"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == document["servers"][0]["url"] + "/oauth2/token"
    answers = document["paths"]["/oauth2/token"]["post"]["responses"]
    assert "DPoP-Nonce" in answers["200"]["headers"]
    assert "DPoP-Nonce" in answers["400"]["headers"]
    assert "application/problem+json" not in answers["400"]["content"]


def test_whatever_takes_a_body_shows_one(document: Json) -> None:
    """A newcomer copies the example; each is accepted by the very schema it stands beside."""
    for route, operation in documented_routes(document):
        if route.service != OWN or "requestBody" not in operation:
            continue
        for content in operation["requestBody"]["content"].values():
            schema = {**content["schema"], "components": document["components"]}
            jsonschema_rs.validator_for(schema).validate(content["example"])


def codes(operation: Json) -> Mapping[int, list[str]]:
    said = {
        int(status): answer.get("x-lephi-codes", [])
        for status, answer in operation["responses"].items()
    }
    return {status: said.get(status, []) for status in (401, 403, 429, 503)}

"""Changes that change nothing: they are let in, and so they are no part of the corpus."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from chassis.canonical import content_digest
from tests.gateway.corpus.recipe import Recipe, Wire
from tests.gateway.corpus.stand import Stand

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _and_signature(wire: Wire, written: str) -> Wire:
    """A proxy's own signature beside ours, as RFC 9421 section 4.3 has it."""
    for name, value in (
        ("signature-input", f'proxy=("@method");created=1;keyid="p";tag="{written}"'),
        ("signature", "proxy=:AAAA:"),
    ):
        wire = wire.with_header(name, f"{wire.header(name)}, {value}")
    return wire


def _other_root(wire: Wire) -> Wire:
    """For every ECDSA signature (r, s) there is (r, -s); RFC 9421 asks for neither of the two."""
    raw = b64decode((wire.header("signature") or "").partition("=")[2].strip(":"))
    s = P256_ORDER - int.from_bytes(raw[32:])
    turned = b64encode(raw[:32] + s.to_bytes(32)).decode()
    return wire.with_header("signature", f"lephi=:{turned}:")


def _sha512(body: bytes) -> str:
    return f"sha-512=:{b64encode(hashlib.sha512(body).digest()).decode()}:"


ON_THE_WAY: Final[dict[str, Callable[[Wire], Wire]]] = {
    "headers in another order": lambda wire: replace(wire, headers=wire.headers[::-1]),
    "header names in capitals": lambda wire: replace(
        wire, headers=tuple((name.title(), value) for name, value in wire.headers)
    ),
    "space around values": lambda wire: replace(
        wire, headers=tuple((name, f" {value}\t") for name, value in wire.headers)
    ),
    "another Host": lambda wire: wire.and_header("host", "evil.example"),
    "forwarding headers": lambda wire: (
        wire.and_header("forwarded", "for=1.2.3.4;host=evil.example")
        .and_header("x-forwarded-host", "evil.example")
        .and_header("x-user", "admin")
    ),
    "a cookie": lambda wire: wire.and_header("cookie", "a=b"),
    "another program's name": lambda wire: wire.and_header("user-agent", "x"),
    "a request id": lambda wire: wire.and_header("x-request-id", "request-0001"),
    # An ASGI server hands over no query for both, so nobody behind could tell them apart.
    "a question mark and no query": lambda wire: replace(wire, target=f"{wire.target}?"),
    "a proxy's signature": lambda wire: _and_signature(wire, "proxy"),
}
BY_CLIENT: Final[dict[str, Callable[[Recipe], Recipe]]] = {
    "components in another order": lambda recipe: replace(
        recipe, components=recipe.components[::-1]
    ),
    "parameters in another order": lambda recipe: replace(
        recipe, parameters=recipe.parameters[::-1]
    ),
    "the algorithm named": lambda recipe: recipe.parameter("alg", '"ed25519"'),
    "at the edge of the window": lambda recipe: recipe.parameter(
        "created", str(recipe.number("created") - 60)
    ),
    "ahead of our clock": lambda recipe: recipe.parameter(
        "created", str(recipe.number("created") + 10)
    ),
}
DIGESTS: Final[dict[str, Callable[[bytes], str]]] = {
    "sha-512": _sha512,
    "both": lambda body: f"{content_digest(body)}, {_sha512(body)}",
    "sha-256 and a stranger": lambda body: f"unixsum=:AAAA:, {content_digest(body)}",
}


async def accepts(stand: Stand, wire: Wire) -> bool:
    status = await stand.through_app(wire)
    return status == 200 and len(stand.world.upstream.requests) == 1


@pytest.mark.parametrize("how", ON_THE_WAY)
async def test_what_the_way_may_change(stand: Stand, how: str) -> None:
    assert await accepts(stand, ON_THE_WAY[how](stand.recipes()["fee"].sign()))


@pytest.mark.parametrize("how", BY_CLIENT)
async def test_what_the_client_may_choose(stand: Stand, how: str) -> None:
    assert await accepts(stand, BY_CLIENT[how](stand.recipes()["fee"]).sign())


@pytest.mark.parametrize("how", DIGESTS)
async def test_which_digests_the_client_may_give(stand: Stand, how: str) -> None:
    assert await accepts(stand, replace(stand.recipes()["fee"], digest=DIGESTS[how]).sign())


async def test_a_token_beside_a_write_that_is_signed_with_it(stand: Stand) -> None:
    recipe = stand.recipes()["fee"]
    with_dpop = replace(recipe.header("dpop", "proof"), components=(*recipe.components, '"dpop"'))

    assert await accepts(stand, with_dpop.sign())


async def test_the_other_root_of_an_ecdsa_signature_has_no_second_effect(stand: Stand) -> None:
    wire = stand.recipes()["callback"].sign()

    assert await accepts(stand, _other_root(wire))
    assert await stand.through_app(wire) == 200
    assert await stand.rows() == (1, 1)

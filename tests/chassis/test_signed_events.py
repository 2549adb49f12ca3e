"""Who said an event, and what: proved before a byte of it is read."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from prometheus_client import REGISTRY

from chassis.auth import BadToken, TokenVerifier
from chassis.consuming import Consumers
from chassis.events import Envelope, EventData
from chassis.in_process import InProcessTransport
from chassis.signed_events import TYPE, EventSigner, EventVerifier, NotProved
from chassis.testing import FrozenClock
from chassis.transport import Delivery, Outgoing, Unprocessable

HAPPENED = "thing.happened.v1"
ENDED = "thing.ended.v1"
MAKER_KEY = generate_private_key(SECP256R1())
OTHER_KEY = generate_private_key(SECP256R1())
MAKER, OTHER = EventSigner(MAKER_KEY), EventSigner(OTHER_KEY)
VERIFIER = EventVerifier(
    "reader", {"maker": [MAKER_KEY.public_key()], "other": [OTHER_KEY.public_key()]}
)


class ThingHappened(EventData):
    type = HAPPENED


class Reader:
    """A service that hears two types from one maker."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.consumers = Consumers[None](service="reader")
        for type in (HAPPENED, ENDED):
            self.consumers.on(type, Envelope[ThingHappened], self._hear, producer="maker")

    async def _hear(self, event: Envelope[ThingHappened], _tools: None) -> None:
        self.heard.append(event.type)

    async def take(self, delivery: Delivery) -> None:
        await self.consumers.hear(delivery, None, verifier=VERIFIER)


def body(**changes: Any) -> bytes:
    envelope = Envelope[ThingHappened].of(
        ThingHappened(), id=UUID(int=1), source="maker", subject="a", time=FrozenClock().now()
    )
    return json.dumps({**json.loads(envelope.to_bytes()), **changes}).encode()


def delivery(signer: EventSigner = MAKER, raw: bytes | None = None) -> Delivery:
    raw = body() if raw is None else raw
    return Delivery(type=HAPPENED, body=raw, attempt=1, signature=signer.sign(HAPPENED, raw))


def signed_by_hand(key: Any = MAKER_KEY, **header: Any) -> str:
    """A detached JWS by a library that is not ours."""
    said = {"typ": TYPE, "event": HAPPENED, "kid": MAKER._key_id, **header}
    whole = jwt.PyJWS().encode(body(), key, algorithm=said.pop("alg", "ES256"), headers=said)
    first, _, last = whole.split(".")
    return f"{first}..{last}"


async def test_what_its_producer_has_said_is_heard() -> None:
    reader = Reader()

    await reader.take(delivery())
    await reader.take(replace(delivery(), signature=signed_by_hand()))

    assert reader.heard == [HAPPENED, HAPPENED]


def test_the_signature_is_a_detached_jws_that_any_library_reads() -> None:
    first, middle, last = MAKER.sign(HAPPENED, body()).split(".")
    content = base64.urlsafe_b64encode(body()).rstrip(b"=").decode()

    read = jwt.PyJWS().decode(f"{first}.{content}.{last}", MAKER_KEY.public_key(), ["ES256"])

    assert (middle, read) == ("", body())


def _with_header(name: str, value: Any) -> str:
    return signed_by_hand(**{name: value})


FORGED = {
    "unsigned": (replace(delivery(), signature=""), "not signed"),
    "altered": (replace(delivery(), body=body(subject="b")), "altered"),
    "by the right hand of another": (delivery(OTHER), "signed by another producer"),
    "by an unknown key": (
        delivery(EventSigner(generate_private_key(SECP256R1()))),
        "unknown key",
    ),
    "by an unknown key under a known name": (
        replace(delivery(), signature=signed_by_hand(generate_private_key(SECP256R1()))),
        "altered",
    ),
    "another type's signature": (replace(delivery(), type=ENDED), "signed as something else"),
    "an internal token's type": (
        replace(delivery(), signature=_with_header("typ", "lephi-internal+jwt")),
        "signed as something else",
    ),
    "with an extension": (
        replace(delivery(), signature=_with_header("jku", "https://evil.test")),
        "not a signature of ours",
    ),
    "by a secret": (
        replace(delivery(), signature=signed_by_hand("k" * 40, alg="HS256")),
        "not a signature of ours",
    ),
    "by nothing": (
        replace(delivery(), signature=signed_by_hand("", alg="none")),
        "not a signature of ours",
    ),
    "with its content": (
        replace(delivery(), signature=delivery().signature.replace("..", ".e30.")),
        "not a detached signature",
    ),
    "garbage": (replace(delivery(), signature="é.\x00.ÿ"), "not a detached signature"),
    "a long text": (replace(delivery(), signature="a" * 2000), "not a detached signature"),
    "a header that is no object": (replace(delivery(), signature="W10..x"), "not a signature"),
    "half a signature": (replace(delivery(), signature=delivery().signature[:-9]), "altered"),
}


@pytest.mark.parametrize(("forged", "reason"), FORGED.values(), ids=FORGED)
async def test_what_is_not_proved_is_parked_and_counted_and_has_no_effect(
    forged: Delivery, reason: str, tmp_path: Path
) -> None:
    reader = Reader()
    transport = InProcessTransport(dead_letters=tmp_path)
    await transport.subscribe("reader", [HAPPENED, ENDED], reader.take)
    before = refused()

    await transport.publish(
        [Outgoing(id=UUID(int=1), type=forged.type, body=forged.body, signature=forged.signature)]
    )

    assert reader.heard == []
    (letter,) = tmp_path.iterdir()
    assert reason in json.loads(letter.read_text())["reason"]
    assert refused() == before + 1


@pytest.mark.parametrize("wrong", [{"type": ENDED}, {"source": "other"}])
async def test_what_its_producer_has_signed_must_also_say_the_same_inside(wrong: Any) -> None:
    reader = Reader()

    with pytest.raises(Unprocessable, match="something else"):
        await reader.take(delivery(raw=body(**wrong)))

    assert reader.heard == []


async def test_a_parked_event_keeps_its_signature(tmp_path: Path) -> None:
    transport = InProcessTransport(dead_letters=tmp_path)

    async def refuse(_delivery: Delivery) -> None:
        raise Unprocessable("not today")

    await transport.subscribe("reader", [HAPPENED], refuse)
    said = delivery()
    await transport.publish(
        [Outgoing(id=UUID(int=1), type=HAPPENED, body=said.body, signature=said.signature)]
    )

    (letter,) = tmp_path.iterdir()
    kept = json.loads(letter.read_text())
    again = Delivery(
        type=kept["type"], body=kept["body"].encode(), attempt=1, signature=kept["signature"]
    )
    VERIFIER.check(again, producer="maker")


def test_an_event_is_no_token(tmp_path: Path) -> None:
    """One key signs both, so neither may be taken for the other."""
    first, _, last = delivery().signature.partition("..")
    content = base64.urlsafe_b64encode(body()).rstrip(b"=").decode()
    verifier = TokenVerifier(
        "reader",
        {"maker": MAKER_KEY.public_key()},
        callers={"maker": {"service": frozenset()}},
        clock=FrozenClock(),
    )

    with pytest.raises(BadToken):
        verifier.verify(f"{first}.{content}.{last}", method="GET", target="/", body=b"")


def test_while_keys_change_the_old_and_the_new_one_are_known(tmp_path: Path) -> None:
    for name, key in (("maker", MAKER_KEY), ("maker.2027", OTHER_KEY)):
        (tmp_path / f"{name}.pub.pem").write_bytes(
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
    verifier = EventVerifier.from_directory("reader", tmp_path, producers=["maker"])

    verifier.check(delivery(MAKER), producer="maker")
    verifier.check(delivery(OTHER), producer="maker")
    with pytest.raises(NotProved):
        verifier.check(delivery(MAKER), producer="other")


def test_a_producer_without_a_key_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        EventVerifier.from_directory("reader", tmp_path, producers=["maker"])


def refused() -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        if metric.name == "events_refused"
        for sample in metric.samples
        if sample.name == "events_refused_total"
    )

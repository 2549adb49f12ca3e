"""Every answer on the routes of fees and notices is signed: the client's proof of what we said.

Refusals too, from the moment the route is known: a "no" that anybody on the way could have spoken
would make a portal give up a payment that went through.
"""

from pathlib import Path
from typing import Final, Self

import structlog
from starlette.types import Message, Scope, Send

from chassis.auth import target_of
from chassis.clock import Clock
from chassis.keys import PrivateKey, load_private_key, thumbprint
from chassis.message_signatures import BadSignature, sign_response
from gateway.domain.machines.signed_request import SignatureClass
from gateway.routes.route import Route

SIGNED_CLASSES: Final = frozenset({SignatureClass.WRITE, SignatureClass.CALLBACK})
# An answer is held until it is whole; on these routes it is one small document.
ANSWER_BYTES_MAX: Final = 1 << 20
MARK: Final = "answer_is_signed"
log = structlog.get_logger()


class SignedAnswers:
    def __init__(self, key: PrivateKey, *, public_origin: str, clock: Clock) -> None:
        self._key = key
        self._key_id = thumbprint(key.public_key())
        self._public_origin = public_origin.rstrip("/")
        self._clock = clock

    @classmethod
    def from_file(cls, path: Path, *, public_origin: str, clock: Clock) -> Self:
        return cls(load_private_key(path), public_origin=public_origin, clock=clock)

    def mark(self, scope: Scope, route: Route) -> None:
        """Called when the route is known: from here on every answer is signed, or none is."""
        scope[MARK] = route.signature in SIGNED_CLASSES

    def over(self, scope: Scope, send: Send) -> Send:
        """Hold a marked answer until it is whole, then send it signed; pass any other through."""
        held: list[Message] = []

        async def signing(message: Message) -> None:
            if not scope.get(MARK):
                await send(message)
                return
            held.append(message)
            if message["type"] != "http.response.body" or message.get("more_body"):
                return
            start, body = _whole(held)
            start["headers"] = [*start["headers"], *self._proof(scope, start, body)]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        return signing

    def _proof(self, scope: Scope, start: Message, body: bytes) -> list[tuple[bytes, bytes]]:
        said = {name: value.decode("latin-1") for name, value in start["headers"]}
        asked = [
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in scope["headers"]
        ]
        try:
            proof = sign_response(
                status=start["status"],
                body=body,
                content_type=said.get(b"content-type"),
                method=scope["method"],
                url=self._public_origin + target_of(scope),
                request_headers=asked,
                key_id=self._key_id,
                key=self._key,
                clock=self._clock,
            )
        except BadSignature:
            # Nobody can have signed a request whose target is not ASCII; nor can we name it.
            log.warning("answer cannot be signed")
            return []
        return [
            (name.encode(), value.encode())
            for name, value in proof.items()
            if name != "content-type"
        ]


def _whole(held: list[Message]) -> tuple[Message, bytes]:
    start, *chunks = held
    if sum(len(chunk.get("body", b"")) for chunk in chunks) > ANSWER_BYTES_MAX:
        raise ValueError(f"an answer to be signed is longer than {ANSWER_BYTES_MAX} bytes")
    return dict(start), b"".join(chunk.get("body", b"") for chunk in chunks)

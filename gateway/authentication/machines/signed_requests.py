"""The one door for machine signatures (RFC 9421): there is no other way to check one."""

from chassis.message_signatures import (
    SHAPES,
    BadSignature,
    SignedMessage,
    check_window,
    read_parameters,
    verify,
)
from gateway.authentication.machines.key_cache import KeyCache
from gateway.authentication.machines.right_place import require_right_place
from gateway.domain.machines.signed_request import Arrival, SignatureClass, SignedRequest


class SignedRequests:
    """`public_origin` is what clients call us; the Host header has no say in what was signed."""

    def __init__(self, keys: KeyCache, *, public_origin: str) -> None:
        self._keys = keys
        self._public_origin = public_origin.rstrip("/")

    async def verify(self, arrival: Arrival, rule: SignatureClass) -> SignedRequest:
        """What costs nothing first: sizes, syntax, time; then the key, the digest, the signature.

        The nonce is the caller's, last of all: what is not authentic must not use one up.
        """
        message = SignedMessage(
            method=arrival.method,
            url=self._public_origin + arrival.target,
            headers=arrival.headers,
            body=arrival.body,
        )
        parameters = read_parameters(message)
        check_window(parameters, arrival.received_at)
        held = await self._keys.find_active(parameters.key_id)
        if held is None:
            raise BadSignature("the key is unknown or revoked")
        client = held.registered.client
        if message.one("lephi-client") != client.id:
            raise BadSignature("the key belongs to another client")
        require_right_place(held.registered, arrival)
        verified = verify(
            message,
            shape=SHAPES[rule.value.tag],
            key=held.public_key,
            now=arrival.received_at,
            parameters=parameters,
            splits_target=client.splits_target,
        )
        return SignedRequest(
            client=client,
            key=held.registered.key,
            nonce=parameters.nonce,
            expires_at=parameters.expires,
            target_uri=message.url,
            covered_headers={
                name: value for name, value in verified.covered.items() if name[0] != "@"
            },
            signature_base=verified.base,
            signature=verified.signature,
        )

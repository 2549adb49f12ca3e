"""A signed answer: who answered, what, and to which request (RFC 9421 section 2.4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from chassis.canonical import content_digest
from chassis.clock import Clock
from chassis.keys import PrivateKey, PublicKey
from chassis.message_signatures import primitives
from chassis.message_signatures.digests import check_digest
from chassis.message_signatures.primitives import algorithm_of
from chassis.message_signatures.refusal import BadSignature
from chassis.message_signatures.requests import AGE_SECONDS_MAX
from chassis.message_signatures.signing_base import (
    Headers,
    derived_value,
    only_value,
    signature_base,
)
from chassis.message_signatures.syntax import (
    HEADER_BYTES_MAX,
    LABEL,
    Component,
    OurSignature,
    read_signature,
    signature_under,
    write_bytes,
)

RESPONSE_TAG: Final = "lephi-response-1"
RESPONSE_PARAMETERS: Final = frozenset({"created", "keyid", "tag"})
JSON: Final = "application/json"

STATUS: Final = Component(name="@status")
DIGEST: Final = Component(name="content-digest")
TYPE: Final = Component(name="content-type")
METHOD_ASKED: Final = Component(name="@method", flags=";req")
TARGET_ASKED: Final = Component(name="@target-uri", flags=";req")
DIGEST_ASKED: Final = Component(name="content-digest", flags=";req")
SIGNATURE_ASKED: Final = Component(name="signature", flags=f';req;key="{LABEL}"')

Values = dict[Component, str]


def sign_response(
    *,
    status: int,
    body: bytes,
    method: str,
    url: str,
    key_id: str,
    key: PrivateKey,
    clock: Clock,
    content_type: str | None = JSON,
    request_headers: Headers = (),
) -> dict[str, str]:
    """Headers that prove who answered this very request, and with what.

    An answer without content has no `content_type`; its digest is that of no bytes.
    """
    headers = {"content-digest": content_digest(body)}
    if content_type is not None:
        headers["content-type"] = content_type
    values = _values(status, headers.items(), method=method, url=url, asked=request_headers)
    created = int(clock.now().timestamp())
    text = f'({" ".join(map(str, values))});created={created};keyid="{key_id}";tag="{RESPONSE_TAG}"'
    base = signature_base(values, values, text)
    signature = primitives.sign(algorithm_of(key), key, base)
    return headers | {
        "signature-input": f"{LABEL}={text}",
        "signature": f"{LABEL}={write_bytes(signature)}",
    }


def verify_response(
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    method: str,
    url: str,
    key_id: str,
    key: PublicKey,
    now: datetime,
    request_headers: Headers = (),
) -> None:
    """Raise BadSignature unless the holder of the key answered this request with this body."""
    given = list(headers.items())
    written = _written(given)
    if written.parameters["keyid"] != key_id:
        raise BadSignature("it is signed with another key")
    values = _values(status, given, method=method, url=url, asked=request_headers)
    if set(written.components) != values.keys():
        raise BadSignature("it does not cover exactly the required components")
    check_digest(only_value(given, "content-digest"), body)
    base = signature_base(written.components, values, written.text)
    primitives.check(algorithm_of(key), key, written.signature, base)
    created = written.parameters["created"]
    if not isinstance(created, int) or abs(now.timestamp() - created) > AGE_SECONDS_MAX:
        raise BadSignature("it is too old")


class AnswerChecks:
    """Checks answers by keys that are known beforehand; `keys` is by RFC 7638 thumbprint."""

    def __init__(self, keys: Mapping[str, PublicKey], *, clock: Clock) -> None:
        self._keys = dict(keys)
        self._clock = clock

    def check(
        self,
        *,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        method: str,
        url: str,
        request_headers: Headers,
    ) -> None:
        key_id = str(_written(list(headers.items())).parameters["keyid"])
        if key_id not in self._keys:
            raise BadSignature("the key that answers is not one we know")
        verify_response(
            status=status,
            headers=headers,
            body=body,
            method=method,
            url=url,
            key_id=key_id,
            key=self._keys[key_id],
            now=self._clock.now(),
            request_headers=request_headers,
        )


def _written(headers: Headers) -> OurSignature:
    written = read_signature(
        only_value(headers, "signature-input"), only_value(headers, "signature")
    )
    if written.parameters.keys() != RESPONSE_PARAMETERS:
        raise BadSignature("its parameters are not those required")
    if written.parameters["tag"] != RESPONSE_TAG:
        raise BadSignature(f"the tag must be {RESPONSE_TAG}")
    return written


def _values(
    status: int, headers: Iterable[tuple[str, str]], *, method: str, url: str, asked: Headers
) -> Values:
    """What must be signed: of the answer what it has, of the request what it carried."""
    given = list(headers)
    values = {STATUS: str(status), DIGEST: only_value(given, "content-digest")}
    if any(name.lower() == "content-type" for name, _value in given):
        values[TYPE] = only_value(given, "content-type")
    values[METHOD_ASKED] = derived_value("@method", method=method, url=url)
    values[TARGET_ASKED] = derived_value("@target-uri", method=method, url=url)
    if (digest := _asked(asked, "content-digest")) is not None:
        values[DIGEST_ASKED] = digest
    if (signature := _signature_asked(asked)) is not None:
        values[SIGNATURE_ASKED] = signature
    return values


def _asked(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """A header of the request, unless it is unusable: refusals of such requests are signed too."""
    try:
        value = only_value(headers, name)
    except BadSignature:
        return None
    return value if len(value) <= HEADER_BYTES_MAX else None


def _signature_asked(headers: Sequence[tuple[str, str]]) -> str | None:
    written = _asked(headers, "signature")
    return None if written is None else signature_under(LABEL, written)

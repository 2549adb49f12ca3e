"""The two signature headers, taken apart strictly (RFC 9421 sections 4.1 and 4.2, RFC 9651).

Signatures under other labels or tags are none of our business: they must be well formed, and are
then left alone. Our own must be spelled as RFC 9651 serialises it, since these are the very bytes
that were signed: nothing is read and written anew on the way.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chassis.message_signatures.refusal import BadSignature

LABEL: Final = "lephi"
# Every tag that begins so is ours, and there may be one.
OUR_TAGS: Final = "lephi-"
HEADER_BYTES_MAX: Final = 4096
SIGNATURES_MAX: Final = 4
COMPONENTS_MAX: Final = 16

# All repetition is possessive or bounded by a closing character: reading is linear in the length.
_KEY: Final = r"[a-z*][a-z0-9_.*-]*+"
_STRING: Final = r'"(?:[ !#-\[\]-~]|\\["\\])*+"'
_BYTES: Final = r":[A-Za-z0-9+/=]*+:"
_NUMBER: Final = r"-?[0-9]{1,15}(?:\.[0-9]{1,3})?"
_WORD: Final = r"[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_`|~-]*+"
_BARE: Final = rf"(?:{_STRING}|{_BYTES}|{_NUMBER}|\?[01]|{_WORD})"
_PARAMETERS: Final = rf"(?:; *+{_KEY}(?:={_BARE})?)*+"
_INNER_LIST: Final = rf"\( *+(?:{_BARE}{_PARAMETERS}(?: ++|(?=\))))*+\)"

_LIST_MEMBER: Final = re.compile(rf"({_KEY})=({_INNER_LIST})({_PARAMETERS})")
_BYTES_MEMBER: Final = re.compile(rf"({_KEY})=({_BYTES})({_PARAMETERS})")
_COMMA: Final = re.compile(r"[ \t]*+,[ \t]*+")
_PARAMETER: Final = re.compile(rf"; *+({_KEY})(?:=({_BARE}))?")
_COMPONENT: Final = re.compile(
    r'"(@?[a-z0-9-]{1,64})"((?:;[a-z]+(?:="[A-Za-z0-9-]{1,64}")?)*+)(?: (?=")|$)'
)
_PLAIN_STRING: Final = re.compile(r'"([ !#-\[\]-~]*+)"')
_PLAIN_INTEGER: Final = re.compile(r"0|[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What a line of the base is about; `flags` as written, for example `;req`."""

    name: str
    flags: str = ""

    def __str__(self) -> str:
        return f'"{self.name}"{self.flags}'


@dataclass(frozen=True, slots=True, kw_only=True)
class OurSignature:
    """`text` is the value of the line "@signature-params", byte by byte as it was sent."""

    components: tuple[Component, ...]
    parameters: dict[str, str | int]
    text: str
    signature: bytes


def read_signature(signature_input: str, signature: str) -> OurSignature:
    """The one signature with a tag of ours, which must bear our label."""
    if len(signature_input) + len(signature) > HEADER_BYTES_MAX:
        raise BadSignature("its headers are too long")
    inputs = dict(_members(signature_input, _LIST_MEMBER))
    ours = [label for label, (_, parameters) in inputs.items() if _is_ours(parameters)]
    if ours != [LABEL]:
        raise BadSignature(f"exactly one signature with our tag is needed, labelled {LABEL}")
    inner, parameters = inputs[LABEL]
    value, flags = dict(_members(signature, _BYTES_MEMBER)).get(LABEL, ("", ""))
    if not value or flags:
        raise BadSignature("its headers cannot be read")
    return OurSignature(
        components=read_components(inner),
        parameters=_parameters(parameters),
        text=inner + parameters,
        signature=_bytes(value),
    )


def signature_under(label: str, signature: str) -> str | None:
    """The member of a Signature header, as written; None when there is none to be read."""
    try:
        value, flags = dict(_members(signature, _BYTES_MEMBER)).get(label, ("", ""))
    except BadSignature:
        return None
    return value if value and not flags else None


def read_digests(content_digest: str) -> dict[str, str]:
    """Content-Digest (RFC 9530): algorithm to base64, as written."""
    digests = {}
    for name, (value, flags) in _members(content_digest, _BYTES_MEMBER):
        if flags:
            raise BadSignature("content-digest cannot be read")
        digests[name] = value[1:-1]
    return digests


def write_bytes(raw: bytes) -> str:
    return f":{b2a_base64(raw, newline=False).decode()}:"


def _members(text: str, member: re.Pattern[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """A dictionary's members; a key twice means two things to two readers, so it is refused."""
    seen: set[str] = set()
    place = 0
    while True:
        found = member.match(text, place)
        if found is None or found[1] in seen or len(seen) == SIGNATURES_MAX:
            raise BadSignature("its headers cannot be read")
        seen.add(found[1])
        yield found[1], (found[2], found[3])
        place = found.end()
        if place == len(text):
            return
        comma = _COMMA.match(text, place)
        if comma is None:
            raise BadSignature("its headers cannot be read")
        place = comma.end()


def _is_ours(parameters: str) -> bool:
    return any(
        name == "tag" and value[1:].startswith(OUR_TAGS)
        for name, value in _PARAMETER.findall(parameters)
    )


def read_components(inner: str) -> tuple[Component, ...]:
    text, place = inner[1:-1], 0
    found: list[Component] = []
    while place < len(text):
        one = _COMPONENT.match(text, place)
        if one is None or len(found) == COMPONENTS_MAX:
            raise BadSignature("its components cannot be read")
        found.append(Component(name=one[1], flags=one[2]))
        place = one.end()
    if text.endswith(" ") or len(set(found)) != len(found):
        raise BadSignature("its components cannot be read")
    return tuple(found)


def _parameters(text: str) -> dict[str, str | int]:
    parameters: dict[str, str | int] = {}
    for name, value in _PARAMETER.findall(text):
        if name in parameters:
            raise BadSignature("a parameter is given twice")
        if plain := _PLAIN_STRING.fullmatch(value):
            parameters[name] = plain[1]
        elif _PLAIN_INTEGER.fullmatch(value):
            parameters[name] = int(value)
        else:
            raise BadSignature("its parameters cannot be read")
    # What is spelled otherwise would be serialised otherwise by whoever signs after reading.
    written = "".join(
        f';{name}="{value}"' if isinstance(value, str) else f";{name}={value}"
        for name, value in parameters.items()
    )
    if written != text:
        raise BadSignature("its parameters cannot be read")
    return parameters


def _bytes(text: str) -> bytes:
    try:
        raw = a2b_base64(text[1:-1], strict_mode=True)
    except NotBase64 as error:
        raise BadSignature("its headers cannot be read") from error
    # Base64 has spare bits at its end: only the spelling with zeros there is the signature's own.
    if write_bytes(raw) != text:
        raise BadSignature("its headers cannot be read")
    return raw

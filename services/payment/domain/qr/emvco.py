"""EMVCo merchant-presented QR text: tag-length-value fields and the checksum, nothing national."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from services.payment.domain.errors import UnreadableQr, UnwritableQr

PAYLOAD_LENGTH_MAX: Final = 512
VALUE_LENGTH_MAX: Final = 99
CHECKSUM_TAG: Final = "63"
_CHECKSUM_HEAD: Final = "6304"
_HEAD: Final = re.compile(r"[0-9]{4}")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{4}")


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        register = byte << 8
        for _ in range(8):
            register = (register << 1) ^ (0x1021 if register & 0x8000 else 0)
        table.append(register & 0xFFFF)
    return tuple(table)


_CRC_TABLE: Final = _crc_table()


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE over the UTF-8 bytes, as four upper-case hexadecimal digits."""
    register = 0xFFFF
    for byte in text.encode():
        register = ((register << 8) & 0xFFFF) ^ _CRC_TABLE[(register >> 8) ^ byte]
    return f"{register:04X}"


def split(text: str, *, inside: str = "") -> dict[str, str]:
    """The fields of a text, in their order. Lengths count characters, as Vietnamese banks do."""
    place = f"Field {inside}" if inside else "The payload"
    fields: dict[str, str] = {}
    position = 0
    while position < len(text):
        head = text[position : position + 4]
        if not _HEAD.fullmatch(head):
            raise UnreadableQr(
                "wrong_length", f"{place} has no tag and length at character {position}."
            )
        tag, length = head[:2], int(head[2:])
        value = text[position + 4 : position + 4 + length]
        if length == 0 or len(value) != length:
            raise UnreadableQr(
                "wrong_length", f"{place}: tag {tag} says {length} characters, not what follows."
            )
        if tag in fields:
            raise UnreadableQr("duplicate_tag", f"{place} has tag {tag} twice.")
        fields[tag] = value
        position += 4 + length
    return fields


def open_payload(payload: str) -> dict[str, str]:
    """The top-level fields of a whole payload without its checksum, which was found right."""
    if len(payload) > PAYLOAD_LENGTH_MAX:
        raise UnreadableQr(
            "wrong_length", f"A payload has at most {PAYLOAD_LENGTH_MAX} characters."
        )
    if not payload.startswith("000201"):
        raise UnreadableQr("wrong_start", "The payload does not begin with tag 00 holding 01.")
    fields = split(payload)
    tags = list(fields)
    if CHECKSUM_TAG not in fields:
        raise UnreadableQr("wrong_crc", "The payload has no checksum (tag 63).")
    if tags[-1] != CHECKSUM_TAG:
        raise UnreadableQr("trailing_data", "The payload goes on after its checksum (tag 63).")
    said = fields.pop(CHECKSUM_TAG)
    if not _HEX.fullmatch(said):
        raise UnreadableQr("wrong_crc", "The checksum is not four hexadecimal digits.")
    if said.upper() != checksum(payload[:-4]):
        raise UnreadableQr("wrong_crc", "The checksum does not fit the payload.")
    return fields


def join(fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """The text of the fields in the order given."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    return "".join(_field(tag, value) for tag, value in pairs)


def close_payload(fields: Mapping[str, str]) -> str:
    """A whole payload: the fields by ascending tag, then the checksum, which must stay last."""
    body = join(sorted(fields.items())) + _CHECKSUM_HEAD
    payload = body + checksum(body)
    if len(payload) > PAYLOAD_LENGTH_MAX:
        raise UnwritableQr(f"A payload has at most {PAYLOAD_LENGTH_MAX} characters.")
    return payload


def _field(tag: str, value: str) -> str:
    if not 1 <= len(value) <= VALUE_LENGTH_MAX:
        raise UnwritableQr(f"Tag {tag} must hold 1 to {VALUE_LENGTH_MAX} characters.")
    return f"{tag}{len(value):02d}{value}"

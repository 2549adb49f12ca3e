"""Messages that are one flat object of texts, read strictly and made plain to be signed."""

import hmac
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from chassis.canonical import load_json, sha256_hex
from chassis.errors import Malformed
from chassis.money import Money
from services.payment.domain.errors import UnreadableNotice
from services.payment.providers.adapter import OutgoingRequest, Reply, UnusableReply

AMOUNT: Final = re.compile(r"[0-9]{1,17}")
NAME: Final = re.compile(r"[\x21-\x7e]{1,100}")
NOT_PLAIN: Final = re.compile(r"[^0-9A-Za-z .:-]+")
CURRENCY: Final = "VND"
CURRENCIES: Final = re.compile(r"[A-Z]{3}")
PAGE: Final = re.compile(r"https?://[\x21-\x7e]{1,2000}")


def plain_text(text: str, *, length_max: int = 100) -> str:
    """What every signer spells alike: no accents, no pipe, nothing that has to be escaped."""
    bare = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(NOT_PLAIN.sub(" ", kept).split())[:length_max].strip()


def equal_digests(given: str, wanted: str) -> bool:
    """In constant time, whatever characters were given; either case of hexadecimal digits."""
    return hmac.compare_digest(given.lower().encode("utf-8", "surrogatepass"), wanted.encode())


def piped_digest(said: Mapping[str, str], names: Sequence[str], secret: str) -> str | None:
    """SHA-256 over the fields joined by pipes, the secret last. None where a field but the last
    holds a pipe: words could have moved from field to field."""
    texts = [said.get(name, "") for name in names]
    if any("|" in text for text in texts[:-1]):
        return None
    return sha256_hex("|".join((*texts, secret)).encode())


def require_piped(
    said: Mapping[str, str], names: Sequence[str], *, given: str, secret: str
) -> None:
    wanted = piped_digest(said, names, secret)
    if wanted is None or not equal_digests(given, wanted):
        raise UnusableReply("the signature does not fit")


def read_reply(reply: Reply) -> Mapping[str, str]:
    if reply.status != httpx.codes.OK:
        raise UnusableReply(str(reply.status))
    try:
        return texts_of(load_json(reply.body, limit_bytes=len(reply.body)))
    except (Malformed, ValueError) as error:
        raise UnusableReply(type(error).__name__) from error


def read_notice(provider: str, raw: bytes) -> Mapping[str, str]:
    try:
        return texts_of(load_json(raw))
    except (Malformed, ValueError):
        raise UnreadableNotice(provider, None) from None


def texts_of(value: Any) -> Mapping[str, str]:
    """The texts and whole numbers of an object, as the signer wrote them; null is nothing. What
    is neither is left out, as no signed field may be such."""
    if not isinstance(value, dict):
        raise ValueError("no object")
    texts = {name: _text(each) for name, each in value.items()}
    return {name: text for name, text in texts.items() if text is not None}


def read_amount(text: str, *, currency: str = CURRENCY, units_each: int = 1) -> Money | None:
    """Whole đồng; None for anything else. `units_each`: into how many a provider divides one."""
    if not AMOUNT.fullmatch(text) or not CURRENCIES.fullmatch(currency):
        return None
    whole, rest = divmod(int(text), units_each)
    return Money(whole, currency) if whole > 0 and rest == 0 else None


def is_page(url: str) -> bool:
    """Whether a payer may be sent there."""
    return PAGE.fullmatch(url) is not None


def json_post(
    url: str, said: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> OutgoingRequest:
    return OutgoingRequest(
        method="POST",
        url=url,
        headers={"content-type": "application/json", **(headers or {})},
        body=json_bytes(said),
    )


def json_bytes(said: Mapping[str, object]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _text(value: Any) -> str | None:
    if value is None:
        return ""
    if isinstance(value, str):
        # Half a character cannot be signed, stored or answered.
        value.encode()
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None

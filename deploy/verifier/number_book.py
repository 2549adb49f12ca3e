"""The book of a series' numbers, or several put one after the other: signed, whole, and linked.

Each book is a head, a line for each number, and a detached JWS (RFC 7797) with its certificates.
That no number is missing is reckoned here from the lines; the head's own sums must say the same.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from deploy.verifier.anchors import BETWEEN_MAX, Anchors, holder_of, load_certificate
from deploy.verifier.encodings import (
    canonical_object,
    from_base64url,
    instant_at,
    object_at,
    sha256_hex,
    text_at,
    whole_at,
)
from deploy.verifier.verdict import Broken, Report, Verdict, require

FORM: Final = "lephi-number-book-1"
TYP: Final = "lephi-number-book"
HEAD: Final = frozenset(
    {
        *("agency", "amount", "count", "currency", "day", "drawn_up_at", "first", "form"),
        *("form_code", "last", "previous_day", "previous_sha256", "symbol"),
    }
)
LINE: Final = frozenset(["amount", "kind", "number", "numbered_at", "standing", "xml_sha256"])
SERIES: Final = ("form_code", "symbol")
SCALAR_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    head: Mapping[str, Any]
    first: int
    last: int
    amount: int
    sha256: str
    signed_by: str

    @property
    def name(self) -> str:
        return f"{self.head['form_code']} {self.head['symbol']} of {self.head['day']}"


def verify_books(raw: bytes, anchors: Anchors) -> Verdict:
    report = Report("number book")
    parts = report.check("file", lambda: _split(raw), lambda found: f"{len(found)} book(s)")
    previous: Book | None = None
    for place, part in enumerate(parts or (), start=1):
        previous = report.check(f"book {place}", partial(_read, part, previous, anchors), _told)
        if previous is None:
            break
        if place == 1 and previous.first > 1:
            report.note("earlier books", f"numbers 1 to {previous.first - 1} are not in this file")
    return report.verdict()


def _split(raw: bytes) -> Sequence[Sequence[bytes]]:
    """The lines of each book, its signature last."""
    require(raw.endswith(b"\n"), "it is cut short")
    books: list[list[bytes]] = [[]]
    for line in raw[:-1].split(b"\n"):
        books[-1].append(line)
        if not line.startswith(b"{"):
            books.append([])
    require(books.pop() == [], "the last book is not signed")
    return books


def _read(part: Sequence[bytes], previous: Book | None, anchors: Anchors) -> Book:
    require(len(part) > 2, "it has no numbers")
    *lines, jws = part
    content = b"".join(line + b"\n" for line in lines)
    head = canonical_object(lines[0], "the head")
    require(head.keys() == HEAD and head["form"] == FORM, "it is not a number book of this form")
    holder = _require_signed(jws, content, head, anchors)
    first, last, amount = _require_whole(head, lines[1:])
    book = Book(
        head=head,
        first=first,
        last=last,
        amount=amount,
        sha256=sha256_hex(content + jws + b"\n"),
        signed_by=holder,
    )
    _require_linked(book, previous)
    return book


def _require_whole(head: Mapping[str, Any], lines: Sequence[bytes]) -> tuple[int, int, int]:
    first, amount = _number_at(head, "first"), 0
    day = _day(head)
    for expected, line in enumerate(lines, start=first):
        said = canonical_object(line, f"the line of number {expected}")
        require(said.keys() == LINE, f"the line of number {expected} has another shape")
        require(_number_at(said, "number") == expected, f"number {expected} is missing")
        numbered = instant_at(said, "numbered_at", f"number {expected}")
        # Vietnam has kept one offset since 1975.
        require(_vietnam_day(numbered.timestamp()) == day, f"number {expected} is of another day")
        require(len(text_at(said, "xml_sha256", f"number {expected}")) == 64, "a digest is none")
        amount += whole_at(said, "amount", f"number {expected}")
    last = first + len(lines) - 1
    told = (_number_at(head, "last"), _number_at(head, "count"), head["amount"])
    require(told == (last, len(lines), str(amount)), "the head does not say what the lines say")
    return first, last, amount


def _require_linked(book: Book, previous: Book | None) -> None:
    before = book.head["previous_sha256"]
    require((book.first == 1) == (before is None), "only the book of number 1 has none before it")
    if previous is None:
        return
    same = all(book.head[name] == previous.head[name] for name in SERIES)
    same = same and book.head["agency"]["code"] == previous.head["agency"]["code"]
    require(same, "it is of another series than the book before")
    require(before == previous.sha256, "it is not linked to the book before")
    require(book.head["previous_day"] == previous.head["day"], "it names another day before")
    require(book.first == previous.last + 1, f"number {previous.last + 1} is missing")
    require(_day(book.head) > _day(previous.head), "its day is not after the one before")


def _require_signed(jws: bytes, content: bytes, head: dict[str, Any], anchors: Anchors) -> str:
    try:
        protected, carried, signature = jws.decode("ascii").split(".")
    except ValueError as error:
        raise Broken("its signature is not a JWS") from error
    require(carried == "", "the JWS is not detached")
    said = canonical_object(from_base64url(protected, "the JWS header"), "the JWS header")
    require(said.keys() == {"alg", "b64", "crit", "typ", "x5c"}, "the JWS header has other members")
    require(said["b64"] is False and said["crit"] == ["b64"], "the JWS is not detached")
    require(said["typ"] == TYP, "the JWS is of another type")
    certificate, *between = _certificates(said["x5c"])
    anchors = anchors.through(between)
    anchors.authority_of(certificate)
    text_at(object_at(head, "agency", "the head"), "code", "the head")
    anchors.require_receipt_signer(certificate, at=instant_at(head, "drawn_up_at", "the head"))
    signed = protected.encode() + b"." + content
    _require_signature(said["alg"], certificate, from_base64url(signature, "the signature"), signed)
    return holder_of(certificate)


def _certificates(x5c: Any) -> list[x509.Certificate]:
    """The signer's first; all of them stand under its signature."""
    if not isinstance(x5c, list) or not 1 <= len(x5c) <= 1 + BETWEEN_MAX:
        raise Broken("the JWS carries no certificate")
    if not all(isinstance(one, str) for one in x5c):
        raise Broken("the JWS carries no certificate")
    try:
        return [load_certificate(b64decode(one, validate=True)) for one in x5c]
    except ValueError as error:
        raise Broken("the certificate is not base64") from error


def _require_signature(
    algorithm: Any, certificate: x509.Certificate, signature: bytes, signed: bytes
) -> None:
    key = certificate.public_key()
    try:
        if algorithm == "ES256" and isinstance(key, EllipticCurvePublicKey):
            fit = isinstance(key.curve, SECP256R1) and len(signature) == 2 * SCALAR_BYTES
            require(fit, "the signature has the wrong length")
            r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
            key.verify(encode_dss_signature(r, s), signed, ECDSA(hashes.SHA256()))
            return
        if algorithm == "RS256" and isinstance(key, RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
            return
    except InvalidSignature as error:
        raise Broken("the signature does not fit the book") from error
    raise Broken("the algorithm is not one of this key")


def _number_at(said: Mapping[str, Any], name: str) -> int:
    number = said[name]
    if type(number) is not int or number < 1:
        raise Broken(f"{name} is not a number from 1 on")
    return number


def _day(head: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(text_at(dict(head), "day", "the head"))
    except ValueError as error:
        raise Broken("the head has no day") from error


def _vietnam_day(seconds: float) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + int((seconds + 7 * 3600) // 86400))


def _told(book: Book) -> str:
    numbers = f"numbers {book.first} to {book.last}, {book.amount} {book.head['currency']}"
    return f"{book.name}: {numbers}, none missing, signed by {book.signed_by}"

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from deploy.verifier.anchors import Anchors
from deploy.verifier.archive import BYTES_MAX
from deploy.verifier.evidence_bundle import verify_bundle
from deploy.verifier.number_book import verify_books
from deploy.verifier.receipt_pdf import (
    read_attached_receipt,
    read_signed_pdf,
    require_same_facts,
)
from deploy.verifier.receipt_xml import ReceiptFacts, read_receipt_xml
from deploy.verifier.verdict import Report, Unreadable, Verdict

MAGIC: Final[Mapping[bytes, str]] = {
    b"<?xml": "xml",
    b"%PDF-": "pdf",
    b"PK\x03\x04": "zip",
    b'{"agency":': "jsonl",
}
KINDS: Final = frozenset(MAGIC.values())


def verify_file(path: Path, *, anchors: Mapping[str, Any] | Path) -> Verdict:
    """Judge a receipt (XML or PDF), an evidence bundle (ZIP) or number books (JSON lines).

    Raises Unreadable when there is no such file, when neither its first bytes nor its name are of
    a kind we know, or when the anchors cannot be read. A damaged file of a known kind is not
    unreadable but invalid.
    """
    trusted = Anchors.of(anchors)
    try:
        with path.open("rb") as file:
            # One more than any bundle may have: whatever follows is not read to refuse it.
            raw = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    return _judged(raw, path, trusted)


def verify_bytes(raw: bytes, *, name: str, anchors: Mapping[str, Any] | Path) -> Verdict:
    """The same for bytes that are in no file; `name` is what a file of theirs would be called."""
    return _judged(raw, Path(name), Anchors.of(anchors))


def _judged(raw: bytes, path: Path, trusted: Anchors) -> Verdict:
    match _kind(raw, path):
        case "xml":
            return _verify_xml(raw, trusted)
        case "pdf":
            return _verify_pdf(raw, trusted)
        case "jsonl":
            return verify_books(raw, trusted)
        case _:
            return verify_bundle(raw, trusted)


def _kind(raw: bytes, path: Path) -> str:
    for magic, kind in MAGIC.items():
        if raw.startswith(magic):
            return kind
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise Unreadable(f"{path} is neither a receipt (XML, PDF) nor an evidence bundle (ZIP)")
    return kind


def _verify_xml(raw: bytes, anchors: Anchors) -> Verdict:
    report = Report("receipt (XML)")
    report.check("receipt", partial(read_receipt_xml, raw, anchors), _of_receipt)
    return report.verdict()


def _verify_pdf(raw: bytes, anchors: Anchors) -> Verdict:
    report = Report("receipt (PDF)")
    signed = report.check(
        "page",
        partial(read_signed_pdf, raw, anchors),
        lambda found: f"whole and signed by {found.signed_by} at {found.signed_at.isoformat()}",
    )
    if signed is None:
        return report.verdict()
    facts = report.check(
        "attached receipt", partial(read_attached_receipt, signed, anchors), _of_receipt
    )
    if facts is not None:
        report.check(
            "agreement",
            partial(require_same_facts, signed, facts),
            lambda amount: f"page and attached receipt say the same: {amount} {facts.currency}",
        )
    return report.verdict()


def _of_receipt(found: ReceiptFacts) -> str:
    signed = f"signed by {found.signed_by} at {found.signed_at.isoformat()}"
    return f"{found.name}: {found.amount} {found.currency}, {signed}"

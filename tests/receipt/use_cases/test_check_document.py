from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from chassis.canonical import sha256_hex
from services.receipt.domain.checks.errors import NeitherXmlNorPdf
from services.receipt.domain.checks.linked_receipt import LinkedReceipt
from services.receipt.domain.checks.verdict import NOT_JUDGED, Origin, Signatures
from services.receipt.domain.receipts.receipt import Form, Receipt
from services.receipt.use_cases.checks.check_document import check_document
from tests.receipt.samples import receipt

XML, PDF = b"<?xml version='1.0'?>", b"%PDF-1.7"


@dataclass
class Known:
    """The receipts by their bytes."""

    files: dict[bytes, Receipt] = field(default_factory=dict)

    async def find_by_sha256(self, sha256: str) -> Receipt | None:
        return {sha256_hex(file): one for file, one in self.files.items()}.get(sha256)

    async def list_linked(self, receipt: Receipt) -> Sequence[LinkedReceipt]:
        return ()


@dataclass
class Judge:
    says: bool
    asked: list[Form] = field(default_factory=list)

    async def check(self, document: bytes, *, form: Form) -> Signatures:
        self.asked.append(form)
        return Signatures(judged=True, valid=self.says)


@pytest.mark.parametrize(
    ("known", "says", "origin"),
    [
        (True, True, Origin.ISSUED),
        (True, False, Origin.ISSUED),
        (False, True, Origin.SIGNED),
        (False, False, Origin.UNKNOWN),
    ],
)
async def test_bytes_say_where_a_file_is_from_and_the_judge_what_it_is_worth(
    known: bool, says: bool, origin: Origin
) -> None:
    checks, judge = Known({PDF: receipt()} if known else {}), Judge(says)

    verdict = await check_document(PDF, checks=checks, checker=judge)

    assert (verdict.origin, verdict.signatures.valid) == (origin, says)
    assert (verdict.receipt is not None) == known
    assert judge.asked == [Form.PDF]


async def test_what_an_outside_issuer_signed_is_not_judged_by_what_knows_nothing_of_it() -> None:
    checks, judge = Known({XML: replace(receipt(), issuer="vnpt")}), Judge(says=False)

    verdict = await check_document(XML, checks=checks, checker=judge)

    assert (verdict.origin, verdict.signatures) == (Origin.ISSUED, NOT_JUDGED)
    assert judge.asked == []


@pytest.mark.parametrize("file", [b"", b" <?xml", b"PK\x03\x04", b"%PD"])
async def test_other_files_reach_no_judge(file: bytes) -> None:
    judge = Judge(says=True)

    with pytest.raises(NeitherXmlNorPdf):
        await check_document(file, checks=Known(), checker=judge)
    assert judge.asked == []

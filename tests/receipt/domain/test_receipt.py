import re
from pathlib import Path

import pytest

import services.receipt
from services.receipt.domain.errors import IllegalTransition, ReceiptNotIssuedYet
from services.receipt.domain.receipts.receipt import ALLOWED, Status
from tests.receipt.samples import NOON, RULE, receipt

README = Path(services.receipt.__file__).parent / "README.md"
ARROW = re.compile(r"^    (\w+) --> (\w+)", re.MULTILINE)


def test_the_drawing_in_the_readme_is_the_table() -> None:
    drawing = README.read_text("utf-8").split("```mermaid")[1].split("```")[0]

    assert set(ARROW.findall(drawing)) == {
        (str(start), str(end)) for start, ends in ALLOWED.items() for end in ends
    }


def test_every_state_has_its_line_in_the_table() -> None:
    assert set(ALLOWED) == set(Status)


def test_what_is_issued_stays_as_it_is() -> None:
    issued = receipt().issue(at=NOON, xml_sha256="0" * 64)

    assert (issued.status, issued.issued_at) == (Status.ISSUED, NOON)
    with pytest.raises(IllegalTransition):
        issued.issue(at=NOON, xml_sha256="1" * 64)


def test_a_numbered_receipt_has_no_date_of_issue() -> None:
    with pytest.raises(ReceiptNotIssuedYet):
        receipt().require_issued()


def test_a_symbol_carries_two_letters_and_the_year() -> None:
    symbol = RULE.symbol("AA", NOON.year)

    assert re.fullmatch(r"[ABCDEGHKLMNPQRSTUVXY]{2}-\d{2}[ETP]", symbol)
    assert symbol == "AA-26E"

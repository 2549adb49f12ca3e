"""Whatever a payer's name is spelled with: original and page have it right, composed and seen."""

import subprocess
from pathlib import Path
from typing import Final
from unicodedata import category, is_normalized, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from chassis.canonical import sha256_hex
from chassis.testing import FrozenClock
from services.receipt.domain.receipts.fee import Payer
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.canonical_xml import element, text_of
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import NAMESPACE, XmlReceiptSigner
from services.receipt.renderers.wording import clean, shown
from tests.receipt.renderers.conftest import LOOKUP_PAGE, program
from tests.receipt.samples import NOON, receipt

NAME: Final = "Nguyễn Thị Ánh Nguyệt"
LETTERS: Final = "".join(map(chr, range(0x1EA0, 0x1EFA))) + (
    "ĂăÂâĐđÊêÔôƠơƯưÀÁÃÈÉÌÍÒÓÕÙÚÝàáãèéìíòóõùúýĨĩŨũ"
)
WORD: Final = (LETTERS * 2)[:200]


def apart(name: str, mark: str) -> str:
    """With the mark between each letter and what stands over and under it."""
    return mark.join(normalize("NFD", name))


NAMES: Final = {
    "composed": (NAME, NAME),
    "decomposed": (normalize("NFD", NAME), NAME),
    "marks in the other order": ("Nguye\u0302\u0323t", "Nguyệt"),
    "every letter": (LETTERS, LETTERS),
    "every letter, decomposed": (normalize("NFD", LETTERS), LETTERS),
    "two hundred letters in one word": (normalize("NFD", WORD), WORD),
    "right to left": (f"\u202e{NAME}\u202c", NAME),
    "isolates": (f"\u2067{NAME}\u2069\u200f\u061c", NAME),
    "zero width": (apart(NAME, "\u200b"), NAME),
    "joiners": (apart(NAME, "\u200d\ufeff\u2060\xad\u034f"), NAME),
    "selectors and tags": (apart(NAME, "\ufe0f\U000e0041\U000e0100"), NAME),
    "fillers": (apart(NAME, "\u3164\u115f\uffa0"), NAME),
    "controls": (apart(NAME, "\x00\x07\x1b\x7f\x9b"), NAME),
    "lone surrogates": (apart(NAME, "\ud83d"), NAME),
    "white space": (f"\t{NAME}\r\n".replace(" ", "\u00a0\u2003 \u2028"), NAME),
}


def page_words(path: Path) -> str:
    command = [program("pdftotext"), "-raw", str(path), "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # Where a word is longer than its line, it may be broken; there is nothing to be seen there.
    return said.replace("\u200b", "")


@pytest.mark.integration
@pytest.mark.parametrize(("given_name", "wanted"), NAMES.values(), ids=NAMES)
async def test_original_and_page_have_the_name(
    signing_key: FileSigner, tmp_path: Path, given_name: str, wanted: str
) -> None:
    payer = Payer(full_name=given_name)
    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(receipt(), payer, at=NOON)
    issued = receipt().issue(at=NOON, xml_sha256=sha256_hex(xml))
    pages = PdfReceiptSigner(
        OneSigner(signing_key), lookup_page=LOOKUP_PAGE, clock=FrozenClock(NOON)
    )
    path = tmp_path / "page.pdf"
    path.write_bytes(await pages.sign(issued, payer, xml=xml))

    ours = f"{{{NAMESPACE}}}"
    names = etree.fromstring(xml).findall(f".//{ours}NNop/{ours}Ten")

    assert [one.text for one in names] == [wanted]
    words = page_words(path)
    assert wanted in words.replace("\n", "" if " " not in wanted else " ")
    assert is_normalized("NFC", words)


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_text_becomes_one_line_that_is_composed_seen_and_fit_for_xml(text: str) -> None:
    cleaned = clean(text)

    assert clean(cleaned) == cleaned
    assert is_normalized("NFC", cleaned)
    assert not {"Cc", "Cs"} & set(map(category, cleaned))
    read = etree.fromstring(element("a", text_of(cleaned)).encode()).text or ""
    assert read == cleaned
    assert is_normalized("NFC", shown(text))

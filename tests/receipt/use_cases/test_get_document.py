from datetime import timedelta

import pytest

from services.receipt.domain.errors import ReceiptNotIssuedYet
from services.receipt.domain.receipts.receipt import Form
from services.receipt.use_cases.receipts.get_document import get_pdf, get_xml
from services.receipt.use_cases.receipts.render_waiting_pdfs import render_waiting_pdfs
from tests.receipt.samples import line
from tests.receipt.use_cases.conftest import House


async def test_the_original_is_given_as_it_was_signed(house: House) -> None:
    (receipt,) = await house.issue(house.fee(line()))

    document = await get_xml(receipt, archive=house.archive)

    assert document.sha256 == receipt.xml_sha256


async def test_there_is_no_file_before_the_signature(house: House) -> None:
    (receipt,) = await house.number(house.fee(line()))

    with pytest.raises(ReceiptNotIssuedYet):
        await get_xml(receipt, archive=house.archive)
    with pytest.raises(ReceiptNotIssuedYet):
        await get_pdf(
            receipt,
            archive=house.archive,
            uow=house.uow,
            signer=house.pages,
            seals=house.seals,
        )


async def test_the_page_is_made_once_and_kept(house: House) -> None:
    (receipt,) = await house.issue(house.fee(line()))

    documents = [
        await get_pdf(
            receipt,
            archive=house.archive,
            uow=house.uow,
            signer=house.pages,
            seals=house.seals,
        )
        for _ in range(3)
    ]

    assert house.pages.made == 1
    assert len({document.body for document in documents}) == 1
    assert house.uow.kept.pdf_due == {}


async def test_of_two_who_make_the_page_at_once_both_answer_with_the_one_kept(
    house: House,
) -> None:
    (receipt,) = await house.issue(house.fee(line()))
    stored = await get_pdf(
        receipt, archive=house.archive, uow=house.uow, signer=house.pages, seals=house.seals
    )
    answers = iter([None, house.uow.kept.documents[(receipt.id, Form.XML)], stored])

    class LateArchive:
        """Looked before the other had stored its page."""

        async def find_document(self, *_: object) -> object:
            return next(answers)

    late = await get_pdf(
        receipt,
        archive=LateArchive(),  # type: ignore[arg-type]  # Only the one question is asked.
        uow=house.uow,
        signer=house.pages,
        seals=house.seals,
    )

    assert house.pages.made == 2
    assert late == stored


async def test_waiting_pages_are_made_in_the_quiet(house: House) -> None:
    await house.issue(house.fee(line("phi"), line("le_phi")))

    async def render() -> int:
        return await render_waiting_pdfs(
            archive=house.archive,
            uow=house.uow,
            signer=house.pages,
            seals=house.seals,
            clock=house.clock,
        )

    assert await render() == 0
    house.clock.advance(timedelta(seconds=10))
    assert await render() == 2
    assert await render() == 0
    assert house.pages.made == 2

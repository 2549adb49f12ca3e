from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.auth import CallerDep
from chassis.schemas import Page
from services.receipt.api.dependencies import ToolsDep, reach_of
from services.receipt.api.receipts.files import as_file, file_answer
from services.receipt.api.receipts.schemas import ReceiptBody
from services.receipt.domain.receipts.receipt import Form
from services.receipt.use_cases.receipts.get_document import get_pdf, get_xml
from services.receipt.use_cases.receipts.get_receipt import get_receipt, list_receipts_of_payment

router = APIRouter(prefix="/v1/receipts", tags=["receipts"])


@router.get("")
async def list_receipts(
    payment_intent_id: UUID, caller: CallerDep, tools: ToolsDep
) -> Page[ReceiptBody]:
    """The receipts of one payment, whole: one of each agency and kind, and what corrects them."""
    receipts = await list_receipts_of_payment(
        payment_intent_id, reach=reach_of(caller), archive=tools.archive
    )
    return Page(items=[ReceiptBody.of(one) for one in receipts])


@router.get("/{receipt_id}")
async def get_one_receipt(receipt_id: UUID, caller: CallerDep, tools: ToolsDep) -> ReceiptBody:
    receipt = await get_receipt(receipt_id, reach=reach_of(caller), archive=tools.archive)
    return ReceiptBody.of(receipt)


@router.get("/{receipt_id}/xml", response_class=Response, responses=file_answer(Form.XML))
async def get_receipt_xml(
    receipt_id: UUID, request: Request, caller: CallerDep, tools: ToolsDep
) -> Response:
    """The original: the signed XML, byte for byte as it was issued."""
    receipt = await get_receipt(receipt_id, reach=reach_of(caller), archive=tools.archive)
    return as_file(request, receipt, await get_xml(receipt, archive=tools.archive))


@router.get("/{receipt_id}/pdf", response_class=Response, responses=file_answer(Form.PDF))
async def get_receipt_pdf(
    receipt_id: UUID, request: Request, caller: CallerDep, tools: ToolsDep
) -> Response:
    """The page to read and print, with the original attached; signed as well."""
    receipt = await get_receipt(receipt_id, reach=reach_of(caller), archive=tools.archive)
    document = await get_pdf(
        receipt,
        archive=tools.archive,
        uow=tools.new_uow(),
        signer=tools.signer,
        seals=tools.seals,
    )
    return as_file(request, receipt, document)

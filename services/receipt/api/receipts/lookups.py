"""For the public, through the gateway. The code is printed on the receipt and cannot be guessed."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from chassis.auth import CallerDep
from chassis.money import Money
from services.receipt.api.checks.schemas import LOOKUP_CODE, LookupQuestion
from services.receipt.api.dependencies import Tools, ToolsDep
from services.receipt.api.receipts.files import as_file, file_answer
from services.receipt.api.receipts.schemas import LookupBody
from services.receipt.domain.receipts.fee import PAYER_PURPOSE, Payer
from services.receipt.domain.receipts.receipt import Form, Receipt
from services.receipt.use_cases.receipts.get_document import get_pdf, get_xml
from services.receipt.use_cases.receipts.look_up_receipt import PrintedNumber, look_up_receipt

router = APIRouter(prefix="/v1/receipt-lookups", tags=["receipt-lookups"])

CodeInPath = Annotated[str, Path(pattern=LOOKUP_CODE)]


@router.get("")
async def look_up(
    form_code: Annotated[str, Query(min_length=1, max_length=20)],
    symbol: Annotated[str, Query(min_length=1, max_length=25)],
    number: Annotated[int, Query(ge=1, le=99_999_999)],
    code: Annotated[str, Query(pattern=LOOKUP_CODE)],
    _caller: CallerDep,
    tools: ToolsDep,
) -> LookupBody:
    """Compare a receipt in hand with what was issued. The payer's name is masked."""
    printed = PrintedNumber(form_code=form_code, symbol=symbol, number=number)
    return await _shown(await look_up_receipt(code, printed=printed, archive=tools.archive), tools)


@router.post("")
async def look_up_by_amount(
    body: LookupQuestion, _caller: CallerDep, tools: ToolsDep
) -> LookupBody:
    """The same by what everybody can read off a receipt: its code and its amount."""
    receipt = await look_up_receipt(body.code, amount=Money(body.amount), archive=tools.archive)
    return await _shown(receipt, tools)


@router.get("/{lookup_code}/xml", response_class=Response, responses=file_answer(Form.XML))
async def get_looked_up_xml(
    lookup_code: CodeInPath, request: Request, _caller: CallerDep, tools: ToolsDep
) -> Response:
    receipt = await look_up_receipt(lookup_code, archive=tools.archive)
    return as_file(request, receipt, await get_xml(receipt, archive=tools.archive))


@router.get("/{lookup_code}/pdf", response_class=Response, responses=file_answer(Form.PDF))
async def get_looked_up_pdf(
    lookup_code: CodeInPath, request: Request, _caller: CallerDep, tools: ToolsDep
) -> Response:
    receipt = await look_up_receipt(lookup_code, archive=tools.archive)
    document = await get_pdf(
        receipt,
        archive=tools.archive,
        uow=tools.new_uow(),
        signer=tools.signer,
        seals=tools.seals,
    )
    return as_file(request, receipt, document)


async def _shown(receipt: Receipt, tools: Tools) -> LookupBody:
    payer = Payer.of(tools.seals.unseal(receipt.payer_sealed, purpose=PAYER_PURPOSE))
    original = await tools.archive.find_document(receipt.id, Form.XML)
    return LookupBody.of(
        receipt,
        payer_name=payer.full_name,
        signed_by=tools.holders.holder_of(original.body) if original else None,
        linked=await tools.checks.list_linked(receipt),
    )

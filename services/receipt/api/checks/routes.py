"""For the public, through the gateway: bring a receipt's file and hear what it is worth."""

from typing import Any, Final

from fastapi import APIRouter, Request

from chassis.auth import CallerDep
from services.receipt.api.checks.schemas import FileVerdictBody
from services.receipt.api.dependencies import ToolsDep
from services.receipt.use_cases.checks.check_document import check_document

PATH: Final = "/v1/receipt-checks"
# A page with its fonts and its original is a tenth of this.
FILE_BYTES_MAX: Final = 1_000_000
# Read by chassis/bodies.py: which of our routes take a file.
FILES: Final = {("POST", PATH): FILE_BYTES_MAX}
BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
A_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/xml": BINARY, "application/pdf": BINARY},
    }
}

router = APIRouter(tags=["receipt-checks"])


@router.post(PATH, openapi_extra=A_FILE)
async def post_receipt_check(
    request: Request, _caller: CallerDep, tools: ToolsDep
) -> FileVerdictBody:
    """Judged by its bytes, whatever its name or media type. Nothing of the file is kept."""
    verdict = await check_document(
        request.scope["raw_body"], checks=tools.checks, checker=tools.checker
    )
    linked = await tools.checks.list_linked(verdict.receipt) if verdict.receipt else ()
    return FileVerdictBody.of(verdict, linked)

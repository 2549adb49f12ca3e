"""What a receipt in hand is worth: the page its QR leads to. It needs no script and no account."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request, Response

from gateway.domain.checks.question import ByAmount, ByPrint, Question
from gateway.domain.checks.receipt_found import FoundReceipt
from gateway.domain.errors import UpstreamUnavailable
from gateway.pages.forms import read_fields, read_file
from gateway.pages.page_route import page_route
from gateway.pages.page_tools import PageTools
from gateway.pages.rendering import Rendering
from gateway.pages.visitor import Visitor, language_of

PATH: Final = "/tra-cuu-bien-lai"
FILE_PATH: Final = f"{PATH}/tep"
PAGE: Final = "receipts"
# The fields of the QR's address.
ASKED: Final = ("form_code", "symbol", "number", "code")
FIELD: Final = "tep"


def receipts_router(tools: PageTools, rendering: Rendering) -> APIRouter:
    router = APIRouter(include_in_schema=False, route_class=page_route(rendering))

    async def answered(
        request: Request, question: Question | None, kept: Mapping[str, str]
    ) -> Response:
        found = await _find(tools, request, question)
        visitor = Visitor(language=language_of(request), path=PATH)
        return rendering.page(
            PAGE,
            request,
            visitor,
            status=200 if found else 404,
            kept=kept,
            found=found,
            missed=found is None,
            checked=None,
            unreadable=False,
        )

    @router.get(PATH)
    async def get_receipts(request: Request) -> Response:
        asked = {name: request.query_params.get(name, "") for name in ASKED}
        if any(asked.values()):
            return await answered(request, ByPrint.read(**asked), asked)
        visitor = Visitor(language=language_of(request), path=PATH)
        return rendering.page(
            PAGE,
            request,
            visitor,
            found=None,
            missed=False,
            checked=None,
            unreadable=False,
        )

    @router.post(PATH)
    async def post_receipts(request: Request) -> Response:
        """The code comes in a body: addresses are kept by browsers and proxies."""
        fields = read_fields(await request.body())
        question = ByAmount.read(fields.get("code", ""), fields.get("amount", ""))
        return await answered(request, question, {})

    @router.post(FILE_PATH)
    async def post_file(request: Request) -> Response:
        tools.guesses.count_file(_source(request))
        content_type = request.headers.get("content-type", "")
        file = read_file(await request.body(), content_type, name=FIELD)
        checked = await tools.checks.check(file) if file else None
        visitor = Visitor(language=language_of(request), path=PATH)
        return rendering.page(
            PAGE,
            request,
            visitor,
            status=200 if checked else 422,
            found=None,
            missed=False,
            checked=checked,
            unreadable=checked is None,
        )

    return router


async def _find(
    tools: PageTools, request: Request, question: Question | None
) -> FoundReceipt | None:
    """What cannot be a question is counted as a miss as well, and looks like one."""
    with tools.guesses.guess(_source(request)) as guess:
        found = await tools.checks.find(question) if question else None
        guess.missed = found is None
    return found


def _source(request: Request) -> str | None:
    arrival = request.scope.get("arrival")
    if arrival is None:
        raise UpstreamUnavailable("gateway")
    source: str | None = arrival.source
    return source

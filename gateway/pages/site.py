"""The pages of whoever pays: sign in, sign up, one's account, one payment, a receipt in hand."""

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.domain.confirming.errors import NothingToScan
from gateway.domain.confirming.shown_ways import ShownWays
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import SessionRefused
from gateway.pages.assets import assets_router
from gateway.pages.page_route import page_route
from gateway.pages.page_tools import PageTools
from gateway.pages.pictures import PNG, SVG, qr_png, qr_svg
from gateway.pages.receipts import receipts_router
from gateway.pages.rendering import Rendering
from gateway.pages.visitor import Visitor, next_of, visitor_of
from gateway.use_cases.confirming.show_payment import PaymentView, Stage, show_payment
from gateway.use_cases.confirming.show_ways import show_ways
from gateway.use_cases.people.list_sessions import list_sessions
from gateway.use_cases.people.remove_passkey import list_passkeys

KEY_URI: Final = r"^otpauth://totp/[\x21-\x7e]{1,500}$"


class PictureBody(BaseModel):
    """What a code generator reads. It comes in a body: it is a secret, and addresses are logged."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(pattern=KEY_URI)]


class StateBody(BaseModel):
    """`receipts` counts those that can be opened; `tried` is how the last try stands."""

    stage: Stage
    receipts: int
    tried: str


def site_routers(tools: PageTools) -> tuple[APIRouter, ...]:
    rendering = Rendering(tools.headers)
    return (
        _people_pages(tools, rendering),
        _pay_page(tools, rendering),
        _pay_parts(tools),
        receipts_router(tools, rendering),
        assets_router(),
    )


def _people_pages(tools: PageTools, rendering: Rendering) -> APIRouter:
    router = APIRouter(include_in_schema=False, route_class=page_route(rendering))

    @router.get("/sign-in")
    async def get_sign_in(request: Request) -> Response:
        visitor = await visitor_of(request, tools)
        return rendering.page(
            "sign_in",
            request,
            visitor,
            target=next_of(request),
            federations=tools.federations.list_all(),
            again="again" in request.query_params,
        )

    @router.get("/sign-up")
    async def get_sign_up(request: Request) -> Response:
        visitor = await visitor_of(request, tools)
        return rendering.page("sign_up", request, visitor, target=next_of(request))

    @router.get("/account")
    async def get_account_page(request: Request) -> Response:
        visitor = await visitor_of(request, tools)
        session = visitor.session
        if session is None:
            return _to_sign_in(visitor)
        # Whoever came with a recovery code mends their sign-in, and is shown nothing else.
        mending = session.acr is Acr.RECOVERY
        at = tools.clock.now()
        return rendering.page(
            "account",
            request,
            visitor,
            mending=mending,
            passkeys=() if mending else await list_passkeys(session.user_id, uow=tools.new_uow()),
            sessions=()
            if mending
            else await list_sessions(session.user_id, uow=tools.new_uow(), at=at),
        )

    return router


def _pay_page(tools: PageTools, rendering: Rendering) -> APIRouter:
    router = APIRouter(include_in_schema=False, route_class=page_route(rendering))

    @router.get("/pay/{id}")
    async def get_pay(id: UUID, request: Request) -> Response:
        visitor = await visitor_of(request, tools)
        if visitor.session is None:
            return _to_sign_in(visitor)
        if not visitor.session.acr.at_least(Acr.MFA):
            return _to_sign_in(visitor, again=True)
        view = await _view(tools, visitor.session, id)
        ways = await _ways(tools, visitor.session, view, request.query_params.get("way"))
        now = tools.clock.now()
        return rendering.page("pay", request, visitor, view=view, ways=ways, stages=Stage, now=now)

    return router


def _pay_parts(tools: PageTools) -> APIRouter:
    """What a payment's page fetches. The door has asked for a session already."""
    router = APIRouter(include_in_schema=False)

    async def payload(request: Request, payment_intent_id: UUID) -> str:
        view = await _view(tools, _session_of(request), payment_intent_id)
        if view.payment.qr_payload is None:
            raise NothingToScan
        return view.payment.qr_payload

    @router.get("/pay/{id}/state")
    async def get_pay_state(id: UUID, request: Request) -> StateBody:
        session = _session_of(request)
        view = await _view(tools, session, id)
        ways = await _ways(tools, session, view, request.query_params.get("way"))
        tried = ways.attempt.status if ways.attempt else ""
        return StateBody(stage=view.stage, receipts=len(view.receipts), tried=tried)

    @router.get("/pay/{id}/qr.svg")
    async def get_pay_qr(id: UUID, request: Request) -> Response:
        return Response(qr_svg(await payload(request, id)), media_type=SVG)

    @router.get("/pay/{id}/qr.png")
    async def get_pay_qr_file(id: UUID, request: Request) -> Response:
        return Response(qr_png(await payload(request, id)), media_type=PNG)

    @router.post("/pages/qr")
    async def post_qr(body: PictureBody) -> Response:
        """The picture of a code generator's secret, which is kept nowhere."""
        return Response(qr_svg(body.text), media_type=SVG)

    return router


async def _view(tools: PageTools, session: Session, payment_intent_id: UUID) -> PaymentView:
    return await show_payment(
        payment_intent_id, session=session, payments=tools.payments, uow=tools.new_uow()
    )


async def _ways(
    tools: PageTools, session: Session, view: PaymentView, asked: str | None
) -> ShownWays:
    return await show_ways(
        view, asked, session=session, payments=tools.payments, uow=tools.new_uow()
    )


def _session_of(request: Request) -> Session:
    session = request.scope.get("session")
    if not isinstance(session, Session):
        raise SessionRefused
    return session


def _to_sign_in(visitor: Visitor, *, again: bool = False) -> Response:
    query = urlencode({"next": visitor.path, **({"again": "1"} if again else {})}, safe="/")
    return RedirectResponse(f"/sign-in?{query}", status_code=status.HTTP_303_SEE_OTHER)

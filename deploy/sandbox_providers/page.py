"""The page of a redirect provider, where its payer pays or declines; the same for all of them.

A player sends the payer to `page_url`; what happens there goes the way of the control routes.
"""

from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.sandbox_providers.order import OrderStatus, SandboxOrder
from deploy.sandbox_providers.paying import decline_order, is_past, pay_order
from deploy.sandbox_providers.player import Desk, Player
from deploy.sandbox_providers.teller import Teller

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
)
# No form-action: the payer is sent back to the merchant, whose address is anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@runtime_checkable
class SaysGoodbye(Protocol):
    """A player whose provider adds words of its own when it sends the payer back."""

    def way_back(self, order: SandboxOrder) -> str:
        """The address at the merchant, with them."""


def page_url(desk: Desk, order_reference: str) -> str:
    return f"{desk.url}/sandbox/pages/{quote(order_reference, safe='')}"


def page_routes(desk: Desk, player: Player, teller: Teller) -> APIRouter:
    router = APIRouter(prefix="/sandbox/pages", include_in_schema=False)

    @router.get("/{order_reference}")
    async def show(order_reference: str) -> HTMLResponse:
        order = desk.book.get(desk.name, order_reference)
        shown = PAGES.get_template("pay.html").render(
            provider=desk.name,
            order=order,
            amount=f"{order.amount:,}".replace(",", "."),
            address=page_url(desk, order_reference),
            is_open=_is_open(desk, order),
        )
        return HTMLResponse(
            shown, headers={"content-security-policy": POLICY, "cache-control": "no-store"}
        )

    @router.post("/{order_reference}/pay")
    async def pay(order_reference: str) -> Response:
        """Pressed twice, it is paid once."""
        order = desk.book.get(desk.name, order_reference)
        if _is_open(desk, order):
            order = pay_order(desk, order_reference)
            teller.schedule(player, order)
        return _back(player, order)

    @router.post("/{order_reference}/decline")
    async def decline(order_reference: str) -> Response:
        order = desk.book.get(desk.name, order_reference)
        if _is_open(desk, order):
            order = decline_order(desk, order_reference)
            teller.schedule(player, order)
        return _back(player, order)

    return router


def _is_open(desk: Desk, order: SandboxOrder) -> bool:
    return order.status is OrderStatus.CREATED and not is_past(desk, order)


def _back(player: Player, order: SandboxOrder) -> Response:
    place = player.way_back(order) if isinstance(player, SaysGoodbye) else order.return_url
    return Response(status_code=303, headers={"location": place})

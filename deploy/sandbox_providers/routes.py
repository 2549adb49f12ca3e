"""How a test, or a person trying things out, makes a played provider do something."""

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from deploy.sandbox_providers.order import Behaviour, RefundBehaviour, SandboxOrder
from deploy.sandbox_providers.paying import decline_order, pay_order
from deploy.sandbox_providers.player import Desk, Player
from deploy.sandbox_providers.settlement import moved_on, plants, settlement_csv
from deploy.sandbox_providers.teller import Teller, Told


class PayBody(BaseModel):
    # Stands in for the amount that was ordered.
    amount: int | None = Field(default=None, gt=0, le=10**15)
    behaviour: Behaviour = Behaviour.NORMAL
    refund_behaviour: RefundBehaviour = RefundBehaviour.NORMAL


def control_routes(desk: Desk, player: Player, teller: Teller) -> APIRouter:
    """Below `/sandbox`, beside the provider's own endpoints."""
    router = APIRouter(prefix="/sandbox")

    @router.get("/orders")
    async def list_orders(limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[dict[str, Any]]:
        """The latest first."""
        return [_shown(order) for order in desk.book.list_orders(desk.name, limit=limit)]

    @router.get("/settlement")
    async def get_settlement(date: dt.date, plant: str = "") -> Response:
        """What was paid and given back on a day in Vietnam, as a settlement file (CSV)."""
        moved = moved_on(desk.book, desk.name, date)
        return Response(settlement_csv(moved, plants(plant), on=date), media_type="text/csv")

    @router.get("/orders/{order_reference}")
    async def get_order(order_reference: str) -> dict[str, Any]:
        return _shown(desk.book.get(desk.name, order_reference))

    @router.post("/orders/{order_reference}/pay")
    async def pay(order_reference: str, body: PayBody) -> dict[str, Any]:
        """As the payer does on the provider's page; the notice goes out in the background."""
        paid = pay_order(
            desk,
            order_reference,
            amount=body.amount,
            behaviour=body.behaviour,
            refund_behaviour=body.refund_behaviour,
        )
        teller.schedule(player, paid)
        return _shown(paid)

    @router.post("/orders/{order_reference}/decline")
    async def decline(order_reference: str, body: PayBody) -> dict[str, Any]:
        declined = decline_order(desk, order_reference, behaviour=body.behaviour)
        teller.schedule(player, declined)
        return _shown(declined)

    @router.post("/orders/{order_reference}/notify")
    async def notify(order_reference: str, body: PayBody) -> list[dict[str, Any]]:
        """Send the notice now, once or as told, and show what the platform answered."""
        order = replace(desk.book.get(desk.name, order_reference), behaviour=body.behaviour)
        times = 2 if body.behaviour is Behaviour.TWICE else 1
        notice_id = desk.ids.new().hex
        told = [await teller.post(player, order, notice_id=notice_id) for _ in range(times)]
        return [_told(one) for one in told]

    return router


def _shown(order: SandboxOrder) -> dict[str, Any]:
    return {
        "provider": order.provider,
        "order_reference": order.order_reference,
        "amount": order.amount,
        "status": order.status,
        "provider_reference": order.provider_reference,
        "paid_amount": order.paid_amount,
        "behaviour": order.behaviour,
    }


def _told(told: Told) -> dict[str, Any]:
    return {"status": told.status, "answer": told.answer, "heard": told.heard}

"""How a test, or a person trying things out, moves money on an account that a feed watches."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis.clock import VIETNAM
from deploy.sandbox_providers.order import Behaviour, OrderStatus, SandboxOrder, wrong_amount
from deploy.sandbox_providers.player import Desk, Player
from deploy.sandbox_providers.teller import Teller

REFERENCES: Final = 10**9
LOCAL_TIME: Final = "%Y-%m-%d %H:%M:%S"


class TransferBody(BaseModel):
    account_number: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,50}$")]
    amount: Annotated[int, Field(gt=0, le=10**15)]
    content: Annotated[str, Field(max_length=500)] = ""
    # An account below the watched one, which takes the money of one fee alone.
    virtual_account: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{0,50}$")] = ""
    direction: Literal["in", "out"] = "in"
    behaviour: Behaviour = Behaviour.NORMAL


def transfer_routes(desk: Desk, player: Player, teller: Teller) -> APIRouter:
    """A feed knows no order beforehand: the movement itself is all that it ever has."""
    router = APIRouter(prefix="/sandbox")

    @router.post("/transfers", status_code=201)
    async def transfer(body: TransferBody) -> dict[str, Any]:
        is_wrong = body.behaviour is Behaviour.WRONG_AMOUNT
        amount = wrong_amount(body.amount) if is_wrong else body.amount
        reference = str(desk.ids.new().int % REFERENCES)
        now = desk.clock.now()
        movement = SandboxOrder(
            provider=desk.name,
            order_reference=reference,
            provider_reference=reference,
            amount=amount,
            paid_amount=amount,
            description=body.content,
            return_url="",
            created_at=now,
            paid_at=now,
            status=OrderStatus.PAID,
            behaviour=body.behaviour,
            facts={
                "account_number": body.account_number,
                "virtual_account": body.virtual_account,
                "direction": body.direction,
            },
        )
        teller.schedule(player, desk.book.put(movement))
        return {"provider_reference": reference, "amount": amount, "direction": body.direction}

    return router


def moved_at(movement: SandboxOrder) -> str:
    """As feeds write it: the time of day in Việt Nam, and no offset."""
    moment = movement.paid_at or movement.created_at
    return moment.astimezone(VIETNAM).strftime(LOCAL_TIME)

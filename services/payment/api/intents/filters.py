"""Which payment intents somebody asks for, as lists and exports of them take it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from chassis.auth import CallerDep
from services.payment.api.dependencies import list_reach
from services.payment.domain.intents.payment_intent import Status
from services.payment.ports.intents import IntentFilter


async def _wanted(
    caller: CallerDep,
    status: Status | None = None,
    dossier_id: UUID | None = None,
    reference: Annotated[
        str | None, Query(max_length=50, description="a biller's own name of a bill")
    ] = None,
    batch_id: UUID | None = None,
) -> IntentFilter:
    return IntentFilter(
        reach=list_reach(caller),
        status=status,
        dossier_id=dossier_id,
        reference=reference,
        batch_id=batch_id,
    )


WantedDep = Annotated[IntentFilter, Depends(_wanted)]

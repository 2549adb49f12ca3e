"""A bank takes the money and says nothing for an hour: we ask, and nobody has to act."""

from datetime import timedelta
from pathlib import Path

from chassis.testing import FrozenClock
from services.payment.domain.intents.method import Method
from tests.e2e.town import open_town
from tests.payment.samples import NOON


async def test_money_that_nobody_told_of_is_settled_and_receipted(tmp_path: Path) -> None:
    clock = FrozenClock(NOON)
    async with open_town(tmp_path, clock) as town:
        intent = await town.owe(Method.VIETQR)
        for _ in range(12):
            clock.advance(timedelta(minutes=5))
            await town.rest(0.2)
        # It was asked all the while, and knew of nothing: the payer pays an hour late.
        reply = await town.http.post(
            f"{town.bank_url}/pay", json={"qr": intent.qr_payload, "behaviour": "silent"}
        )
        assert reply.status_code == 201, reply.text

        for _ in range(12):
            clock.advance(timedelta(minutes=5))
            await town.rest(0.2)

        await town.paid(intent)
        assert await town.cases(intent.id) == []
        assert await town.trial_balance() == 0

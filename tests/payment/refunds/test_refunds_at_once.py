"""However many refunds are asked for at once, never more goes back than came (I-6).

`REFUND_RACE_PAYMENTS=1000` runs the full field; by default it is a small part of it.
"""

import os

from chassis.db import Database
from services.payment.domain.refunds.refund import RefundStatus
from tests.payment.refunds.race import Race
from tests.payment.samples import FEE

PAYMENTS = int(os.environ.get("REFUND_RACE_PAYMENTS", "40"))


async def test_on_postgresql_from_eight_connections(postgresql: Database) -> None:
    race = Race(postgresql, payments=PAYMENTS, refunds=50)

    await race.run()

    print(await race.report())
    await _nothing_is_over(race)


async def test_on_both_databases_with_fewer_payments(database: Database) -> None:
    race = Race(database, payments=4, refunds=50)

    await race.run()

    await _nothing_is_over(race)


async def _nothing_is_over(race: Race) -> None:
    states = await race.by_status()
    paid_back = sum(race.bank.booked.values())
    # Everything is known in the end, and what the bank paid is what we think it paid.
    assert set(states) <= {RefundStatus.SUCCEEDED, RefundStatus.FAILED}
    assert states[RefundStatus.SUCCEEDED][1] == paid_back
    total, most = await race.counted()
    assert total == paid_back
    assert most <= FEE.minor_units
    assert race.seen.looks > 0
    assert race.seen.over == 0
    assert await race._over() == []
    balances = await race.world.balances()
    assert sum(balances.values()) == 0
    assert balances["provider:sandbox:clearing VND"] == race.payments * FEE.minor_units - paid_back
    assert balances.get("refunds-payable:H19.25 VND", 0) == 0
    assert race.asked["taken"] == sum(count for count, _ in states.values())
    assert paid_back > race.payments * FEE.minor_units // 2

"""Every provider against its sandbox, over real HTTP through the gateway, up to the receipt."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from chassis.testing import FrozenClock
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import AttemptStatus
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.use_cases.intents.list_attempts import list_attempts
from tests.e2e.town import Town, open_town
from tests.payment.samples import FEE, NOON, PAYEE

# The way each provider is tried by: its own page, or a feed that tells of transfers.
PAGES = {
    "vnpay": Method.DOMESTIC_CARD,
    "vnptpay": Method.VNPT_PAY,
    "national": Method.INTERNET_BANKING,
    "momo": Method.MOMO,
    "zalopay": Method.ZALOPAY,
    "payos": Method.BANK_TRANSFER,
    # It clears, or is dishonoured: there is no page.
    "echeque": Method.E_CHEQUE,
}
FEEDS = ("sepay", "casso", "vietqr")
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with open_town(tmp_path_factory.mktemp("town"), FrozenClock(NOON)) as opened:
        yield opened


async def begun(town: Town, provider: str) -> tuple[PaymentIntent, str]:
    """A fee, and the provider's name for the attempt to pay it there."""
    intent = await town.owe(Method.VIETQR, PAGES[provider])
    attempt = await town.start(intent, PAGES[provider], provider)
    assert attempt.order_reference is not None
    return intent, attempt.order_reference


def test_every_provider_with_orders_or_a_feed_is_tried_here(town: Town) -> None:
    others = {"sandbox"}

    assert set(PAGES) | set(FEEDS) == set(town.tools.providers) - others


@pytest.mark.parametrize("provider", PAGES)
async def test_what_is_paid_there_is_receipted_once_however_often_it_is_told(
    town: Town, provider: str
) -> None:
    intent, order = await begun(town, provider)

    await town.tell(provider, f"orders/{order}/pay", behaviour="twice")
    await town.paid(intent)
    told = await town.tell(provider, f"orders/{order}/notify", behaviour="twice")

    assert all(one["heard"] for one in told), told
    assert await town.cases(intent.id) == []
    assert await town.trial_balance() == 0
    paid = await town.intent(intent.id)
    assert paid.payment is not None
    assert (paid.payment.provider, paid.payment.method) == (provider, PAGES[provider])


@pytest.mark.parametrize("provider", PAGES)
async def test_a_forged_notice_has_no_effect(town: Town, provider: str) -> None:
    intent, order = await begun(town, provider)
    await town.tell(provider, f"orders/{order}/pay", behaviour="silent")

    (told,) = await town.tell(provider, f"orders/{order}/notify", behaviour="bad_signature")
    await town.rest(1.5)

    assert not told["heard"] or provider == "vnpay", told
    assert await town.receipts(intent.id) == 0
    assert (await town.intent(intent.id)).status is Status.CONFIRMED


@pytest.mark.parametrize("provider", PAGES)
async def test_a_silent_provider_is_asked_and_nobody_need_act(town: Town, provider: str) -> None:
    intent, order = await begun(town, provider)
    await town.tell(provider, f"orders/{order}/pay", behaviour="silent")

    town.clock.advance(timedelta(minutes=3))

    await town.paid(intent)
    assert await town.cases(intent.id) == []


@pytest.mark.parametrize("provider", PAGES)
async def test_a_wrong_amount_is_a_case(town: Town, provider: str) -> None:
    intent, order = await begun(town, provider)

    await town.tell(provider, f"orders/{order}/pay", amount=FEE.minor_units - 1000)

    await town.has_case(intent.id, "underpaid")
    assert (await town.intent(intent.id)).status is Status.CONFIRMED
    assert await town.trial_balance() == 0


@pytest.mark.parametrize("provider", sorted(set(PAGES) - {"echeque"}))
async def test_money_after_the_end_is_a_case(town: Town, provider: str) -> None:
    intent, order = await begun(town, provider)
    town.clock.advance(timedelta(hours=25))
    await town.becomes(intent, Status.EXPIRED)

    await town.tell(provider, f"orders/{order}/pay")

    await town.has_case(intent.id, "late_payment")
    assert await town.trial_balance() == 0


async def test_a_fee_waits_for_its_cheque_whatever_the_hour(town: Town) -> None:
    intent, order = await begun(town, "echeque")
    town.clock.advance(timedelta(hours=25))
    await town.rest()
    assert (await town.intent(intent.id)).status is Status.CONFIRMED

    await town.tell("echeque", f"orders/{order}/pay")

    await town.paid(intent)


@pytest.mark.parametrize("provider", sorted(set(PAGES) - {"payos"}))
async def test_what_is_declined_there_can_be_tried_again(town: Town, provider: str) -> None:
    intent, order = await begun(town, provider)

    await town.tell(provider, f"orders/{order}/decline")
    # Where a decline is told weakly, or not at all, the next enquiry learns of it.
    town.clock.advance(timedelta(minutes=3))

    async def over() -> bool:
        attempts = await list_attempts(intent.id, uow=town.tools.open_uow())
        (mine,) = [one for one in attempts if one.order_reference == order]
        return mine.status in (AttemptStatus.FAILED, AttemptStatus.EXPIRED)

    await town.until(over)
    again = await town.start(intent, PAGES[provider], provider)
    await town.tell(provider, f"orders/{again.order_reference}/pay")
    await town.paid(intent)
    assert again.order_reference != order


@pytest.mark.parametrize("feed", FEEDS)
async def test_a_transfer_that_names_the_fee_is_receipted_once(town: Town, feed: str) -> None:
    intent = await town.owe(Method.VIETQR)
    transfer = {
        "account_number": PAYEE.account_number,
        "amount": FEE.minor_units,
        "content": f"NGUYEN THI ANH chuyen {intent.bill_reference} FT26332",
        "behaviour": "twice",
    }

    await town.tell(feed, "transfers", **transfer)

    await town.paid(intent)
    assert await town.cases(intent.id) == []
    assert await town.trial_balance() == 0


@pytest.mark.parametrize("feed", FEEDS)
async def test_a_transfer_that_names_nothing_is_found_and_kept(town: Town, feed: str) -> None:
    before = len(await town.cases(None))
    transfer = {
        "account_number": PAYEE.account_number,
        "amount": 77_000,
        "content": "tien dien thang 11",
    }

    await town.tell(feed, "transfers", **transfer)

    async def kept() -> bool:
        return len(await town.cases(None)) == before + 1

    await town.until(kept)
    assert await town.trial_balance() == 0

"""A payer chooses their way among those offered, and is told the truth about it."""

import pytest

from deploy.demo.context import Demo
from tests.browser.fees import intent_of, open_fee, paid_intent
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.e2e
WAYS = "[aria-labelledby=ways-title]"


async def leave_for(payer: Visitor, demo: Demo, way: str, *, path: str) -> None:
    """Choose the way, confirm exactly it, and go to its provider's page."""
    await payer.go(path)
    await payer.page.click(f"{WAYS} a[href$='way={way}']")
    await payer.read_statement()
    await payer.page.click("#with-passkey")
    await payer.page.click("#start:enabled")
    await payer.page.wait_for_url(f"{demo.place.bank_url}/**")
    # The one other place that a payer's browser is ever sent to.
    elsewhere = f"asked elsewhere: {demo.place.bank_url}"
    payer.faults = [fault for fault in payer.faults if not fault.startswith(elsewhere)]


async def come_back(payer: Visitor, demo: Demo, button: str, *, path: str) -> None:
    await payer.page.click(f"text={button}")
    await payer.page.wait_for_url(f"{payer.origin}{path}**")
    elsewhere = f"asked elsewhere: {demo.place.bank_url}"
    payer.faults = [fault for fault in payer.faults if not fault.startswith(elsewhere)]


async def test_a_fee_is_paid_by_the_wallet_that_its_payer_chose(payer: Visitor, demo: Demo) -> None:
    path = await open_fee(demo)
    await payer.go(path)
    offered = await payer.page.inner_text(WAYS)
    for name in ("Mã VietQR", "Thẻ ATM nội địa", "Thẻ quốc tế", "Ví VNPT Pay", "Internet Banking"):
        assert name in offered
    assert "Tiền mặt" not in offered
    await payer.page.click(f"{WAYS} a[href$='way=momo']")
    assert "ví MoMo" in await payer.read_statement()

    await leave_for(payer, demo, "zalopay", path=f"{path}?way=momo")
    # Looked at meanwhile, the page says neither paid nor declined.
    await payer.go(path)
    assert "xin đừng trả lần nữa" in await payer.page.inner_text("#pay")
    await payer.page.click("[aria-labelledby=go-title] a.button")
    await come_back(payer, demo, "Trả tiền", path=path)
    intent = await paid_intent(demo)
    await payer.page.wait_for_selector("a[href$='/pdf']")

    assert intent["status"] == "succeeded"


async def test_a_declined_try_is_told_and_another_way_is_open(payer: Visitor, demo: Demo) -> None:
    path = await open_fee(demo)
    await leave_for(payer, demo, "momo", path=path)
    await come_back(payer, demo, "Từ chối", path=path)

    await payer.page.wait_for_selector(".notice.bad[role=status]")
    told = await payer.page.inner_text(".notice.bad[role=status]")
    assert "Ví MoMo" in told
    assert (await intent_of(demo))["status"] == "confirmed"
    assert await payer.page.is_enabled("#start")
    await payer.page.click(f"{WAYS} a[href$='way=vietqr']")
    await payer.page.wait_for_selector("img.qr")

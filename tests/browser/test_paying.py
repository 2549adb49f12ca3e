"""The payer's way through the pages, in a real browser."""

from pathlib import Path

import pytest

from deploy.demo.context import Demo
from tests.browser.fees import intent_of, open_fee, paid_intent, pay, proven_assurance
from tests.browser.visitor import FULL_NAME, Visitor

pytestmark = pytest.mark.e2e


async def test_a_fee_is_confirmed_by_passkey_paid_and_receipted(
    payer: Visitor, demo: Demo, tmp_path: Path
) -> None:
    path = await open_fee(demo)
    await payer.sign_out()
    await payer.go(path)
    assert payer.page.url.endswith(f"/sign-in?next={path}")
    await payer.sign_in_with_passkey()

    statement = await payer.read_statement()
    shown = await payer.page.inner_text("#pay")
    amount = f"{demo.intent['amount']['amount']:,}".replace(",", ".")
    for text in (amount, demo.dossier["code"], demo.intent["agency"]["name"]):
        assert text in statement
        assert text in shown
    assert demo.intent["lines"][0]["legal_basis"] in shown
    await payer.page.click("#with-passkey")
    seen = await payer.read_qr(tmp_path)

    intent = await intent_of(demo)
    assert seen == intent["qr_payload"]
    assert (intent["status"], intent["assurance"]) == ("confirmed", "passkey")
    assert intent["bill_reference"] in await payer.page.inner_text("#pay")
    await pay(demo)
    # Without a touch: the page looks by itself.
    await payer.page.wait_for_selector("a[href$='/pdf']")
    async with payer.page.expect_download() as coming:
        await payer.page.eval_on_selector(
            "a[href$='/pdf']", "link => { link.download = 'receipt.pdf'; link.click(); }"
        )
    receipt = tmp_path / "receipt.pdf"
    await (await coming.value).save_as(receipt)
    assert receipt.read_bytes().startswith(b"%PDF-")
    assert '"passkey"' in await proven_assurance(demo, tmp_path)


async def test_another_is_confirmed_by_code_and_this_devices_key(
    payer: Visitor, demo: Demo, tmp_path: Path
) -> None:
    await payer.go(await open_fee(demo))
    await payer.read_statement()

    await payer.page.click("#device-way summary")
    await payer.fill_and_press("with-device", code=await payer.code())
    await payer.page.wait_for_selector("#sign", state="visible")
    await payer.fill_and_press("with-device", code=await payer.code())
    await payer.read_qr(tmp_path)

    intent = await intent_of(demo)
    assert (intent["status"], intent["assurance"]) == ("confirmed", "password+totp+device-key")
    await pay(demo)
    await paid_intent(demo)
    assert "password+totp+device-key" in await proven_assurance(demo, tmp_path)


async def test_the_devices_key_cannot_be_taken_out_of_the_browser(payer: Visitor) -> None:
    await payer.go("/account")
    await payer.page.wait_for_selector("#device-state:not(:empty)")
    if await payer.page.is_visible("#enrol"):
        await payer.fill_and_press("enrol", device_code=await payer.code())
        await payer.page.wait_for_selector("#enrol", state="hidden")

    said = await payer.page.evaluate(
        """async () => {
          const find = (await import("/pages/assets/device-key.js")).find;
          const kept = await find(document.getElementById("account").dataset.account);
          const refused = await crypto.subtle.exportKey("jwk", kept.key).catch((one) => one.name);
          return [kept.key.extractable, refused];
        }"""
    )

    assert said == [False, "InvalidAccessError"]


async def test_the_browser_itself_confirms_where_it_can(
    paying: Visitor, demo: Demo, tmp_path: Path
) -> None:
    await paying.sign_up()
    await paying.go(await open_fee(demo))
    await paying.read_statement()

    await paying.page.click("#with-passkey")
    await paying.read_qr(tmp_path)

    intent = await intent_of(demo)
    assert intent["assurance"] == "secure-payment-confirmation"
    await pay(demo)
    await paid_intent(demo)
    assert "secure-payment-confirmation" in await proven_assurance(demo, tmp_path)


async def test_a_name_with_markup_in_it_stays_text(payer: Visitor, demo: Demo) -> None:
    await payer.go("/account")

    assert await payer.page.inner_text(".who a") == FULL_NAME
    assert await payer.page.evaluate("window.broken") is None
    assert await payer.page.locator("[data-remove-passkey]").count() == 1

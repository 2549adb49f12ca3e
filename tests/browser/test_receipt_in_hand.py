"""Somebody holds a receipt and wants to know what it is worth: telephone, no account, no script."""

import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from deploy.demo import confirming_steps, opening_steps, paying_steps, receiving_steps
from deploy.demo.context import Demo, Payer, Place
from deploy.demo.journey import Report
from tests.browser.visitor import TELEPHONE, WAIT_MILLISECONDS

pytestmark = pytest.mark.e2e

PAGE = "/tra-cuu-bien-lai"
STEPS = (
    opening_steps.subscribe,
    opening_steps.submit_dossier,
    opening_steps.see_the_fee,
    confirming_steps.register_payer,
    confirming_steps.confirm_fee,
    confirming_steps.fetch_slip,
    paying_steps.pay,
    receiving_steps.receive,
)
# Relative luminance as WCAG 2 defines it, of every visible text against what it stands on.
POOR_CONTRAST = """() => {
  const rgb = (text) => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.offsetParent && [...one.childNodes]
      .some((node) => node.nodeType === 3 && node.textContent.trim()))
    .filter((one) => {
      const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    })
    .map((one) => one.outerHTML.slice(0, 120));
}"""
POORLY_NAMED = """() => [...document.querySelectorAll(
    "main a, main button, main input, main summary")]
  .filter((one) => one.offsetParent)
  .filter((one) => one.getBoundingClientRect().height < 44
    || !(one.labels && one.labels.length || one.textContent.trim()))
  .map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
async def paper(demo: Demo) -> Demo:
    """A fee that was paid by a payer of its own, and the files of its receipts."""
    name = f"payer-{demo.ids.new().hex[-12:]}"
    paper = replace(
        demo,
        payer=Payer(username=name, password=demo.ids.token(), email=f"{name}@example.vn"),
        endpoint={},
        dossier={},
        intent={},
        receipts=[],
        documents={},
        facts={},
    )
    paper.place.out.mkdir(exist_ok=True)
    report = Report("a receipt in hand")
    for step in STEPS:
        await step(paper, report)
    return paper


@pytest.fixture
async def hand(chromium: Browser) -> AsyncIterator[Page]:
    context = await chromium.new_context(
        viewport=TELEPHONE, locale="vi-VN", java_script_enabled=False
    )
    context.set_default_timeout(WAIT_MILLISECONDS)
    yield await context.new_page()
    await context.close()


def qr_of(pdf: Path, folder: Path) -> str:
    """What a telephone's camera reads off the printed page."""
    subprocess.run(
        ["pdftoppm", "-r", "150", "-png", "-singlefile", pdf, folder / "page"],
        check=True,
    )
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", folder / "page.png"],
        check=True,
        capture_output=True,
        text=True,
    )
    return read.stdout.strip()


async def look_up(page: Page, demo: Demo, *, code: str, amount: str) -> None:
    await page.goto(f"{demo.place.gateway_url}{PAGE}")
    await page.fill("#code", code)
    await page.fill("#amount", amount)
    # By the keyboard alone.
    await page.press("#amount", "Enter")


async def bring(page: Page, demo: Demo, file: Path) -> None:
    await page.goto(f"{demo.place.gateway_url}{PAGE}")
    await page.set_input_files("#tep", file)
    await page.click("text=Kiểm tra tệp >> nth=-1")
    await page.wait_for_selector("#verdict")


async def require_accessible(page: Page) -> None:
    assert await page.evaluate(POOR_CONTRAST) == []
    assert await page.evaluate(POORLY_NAMED) == []
    assert await page.locator("h1").count() == 1
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, "the page is wider than the telephone"


def of(demo: Demo) -> dict[str, Any]:
    return demo.receipts[0]


async def test_the_printed_qr_opens_the_receipt_and_its_file(
    hand: Page, paper: Demo, tmp_path: Path
) -> None:
    address = qr_of(paper.place.out / "receipt.pdf", tmp_path)

    await hand.goto(address)

    shown = await hand.inner_text("main")
    amount = f"{of(paper)['amount']['amount']:,}".replace(",", ".")
    for text in ("Biên lai hợp lệ", of(paper)["printed_number"], amount):
        assert text in shown
    await hand.screenshot(path=tmp_path / "valid.png", full_page=True)
    await hand.click("nav a[hreflang=en]")
    assert "The receipt is valid" in await hand.inner_text("main")
    await hand.screenshot(path=tmp_path / "valid-en.png", full_page=True)
    await require_accessible(hand)
    await hand.emulate_media(media="print")
    await hand.screenshot(path=tmp_path / "print.png", full_page=True)
    assert not await hand.is_visible("#code")
    await hand.emulate_media(media="screen")
    async with hand.expect_download() as coming:
        await hand.click("a[href$='/xml']")
    downloaded = tmp_path / "downloaded.xml"
    await (await coming.value).save_as(downloaded)
    assert downloaded.read_bytes() == (paper.place.out / "receipt.xml").read_bytes()


async def test_code_and_amount_find_it_and_a_wrong_amount_does_not(
    hand: Page, paper: Demo, tmp_path: Path
) -> None:
    amount = of(paper)["amount"]["amount"]
    await look_up(hand, paper, code=of(paper)["lookup_code"], amount=f"{amount:,} đ")
    assert "Biên lai hợp lệ" in await hand.inner_text("main")
    assert of(paper)["lookup_code"] not in hand.url

    await look_up(hand, paper, code=of(paper)["lookup_code"], amount=str(amount + 1))

    assert "Không tìm thấy biên lai" in await hand.inner_text("#missed")
    await hand.screenshot(path=tmp_path / "miss.png", full_page=True)
    await require_accessible(hand)


@pytest.mark.parametrize("form", ["xml", "pdf"])
async def test_a_file_is_judged_genuine_or_changed(
    hand: Page, paper: Demo, tmp_path: Path, form: str
) -> None:
    genuine = paper.place.out / f"receipt.{form}"
    await bring(hand, paper, genuine)
    assert "Tệp thật, chưa bị sửa" in await hand.inner_text("#verdict")
    await hand.screenshot(path=tmp_path / "genuine.png", full_page=True)
    await require_accessible(hand)

    forged = tmp_path / f"forged.{form}"
    raw = bytearray(genuine.read_bytes())
    raw[len(raw) // 3] ^= 1
    forged.write_bytes(raw)
    await bring(hand, paper, forged)

    assert "Không phải tệp gốc, hoặc đã bị sửa" in await hand.inner_text("#verdict")
    assert "Sai:" in await hand.inner_text("main")
    await hand.screenshot(path=tmp_path / "forged.png", full_page=True)
    await require_accessible(hand)


async def test_every_field_can_be_reached_by_keyboard_and_shows_where_it_is(
    hand: Page, place: Place
) -> None:
    await hand.goto(f"{place.gateway_url}{PAGE}")
    reached = []
    for _press in range(12):
        await hand.keyboard.press("Tab")
        reached.append(await hand.evaluate("document.activeElement.id"))
        if reached[-1] in ("code", "tep"):
            outline = await hand.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none"

    assert [one for one in reached if one in ("code", "amount", "tep")] == ["code", "amount", "tep"]

"""Debian's Chromium in front of the whole platform, under a name: passkeys need a domain."""

import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import pytest
from playwright.async_api import Browser, async_playwright

from deploy.demo.context import Demo, Place, open_demo
from deploy.demo.platform import embedded_platform
from tests.browser.visitor import Visitor

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Off on Linux, where no payment window exists; the browser's own tests answer it instead.
PAYMENT_FLAGS: Final = ("--enable-features=SecurePaymentConfirmationBrowser",)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    var_dir = tmp_path_factory.mktemp("browser")
    with embedded_platform(var_dir, var_dir / "out", host="localhost") as raised:
        yield raised


@pytest.fixture(scope="session")
async def demo(place: Place) -> AsyncIterator[Demo]:
    async with open_demo(place) as opened:
        yield opened


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with _launched(FLAGS) as browser:
        yield browser


@pytest.fixture(scope="session")
async def paying_chromium() -> AsyncIterator[Browser]:
    async with _launched((*FLAGS, *PAYMENT_FLAGS)) as browser:
        yield browser


@asynccontextmanager
async def _launched(flags: Sequence[str]) -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    assert path is not None, "chromium is not installed: make tools"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(flags))
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def signed_up(chromium: Browser, place: Place) -> AsyncIterator[Visitor]:
    visitor = await Visitor.arrive(chromium, place.gateway_url)
    await visitor.sign_up()
    yield visitor
    await visitor.context.close()


@pytest.fixture
async def payer(signed_up: Visitor) -> AsyncIterator[Visitor]:
    """Has password, code and passkey. Signed in still, if no test before signed them out."""
    signed_up.refused.clear()
    yield signed_up
    signed_up.require_no_faults()


@pytest.fixture
async def stranger(chromium: Browser, place: Place) -> AsyncIterator[Visitor]:
    visitor = await Visitor.arrive(chromium, place.gateway_url)
    yield visitor
    await visitor.context.close()
    visitor.require_no_faults()


@pytest.fixture
async def paying(paying_chromium: Browser, place: Place) -> AsyncIterator[Visitor]:
    """In a browser that confirms payments itself, whose window is answered by the test."""
    visitor = await Visitor.arrive(paying_chromium, place.gateway_url)
    await visitor.browser_tools.send("Page.setSPCTransactionMode", {"mode": "autoAccept"})
    yield visitor
    await visitor.context.close()
    visitor.require_no_faults()

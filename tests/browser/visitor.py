"""Somebody in front of a real browser, who notes whatever the browser complains about."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    ViewportSize,
)
from playwright.async_api import TimeoutError as NotInTime

from chassis.clock import SystemClock
from chassis.ids import SystemIds
from deploy.demo.payer import Authenticator
from deploy.demo.platform import CODE_PERIOD_SECONDS

WAIT_MILLISECONDS: Final = 10_000
CODE_MILLISECONDS: Final = 6_000
CODE_TRIES: Final = 3
TELEPHONE: Final[ViewportSize] = {"width": 390, "height": 844}
PASSWORD: Final = "mot mat khau rat dai"
# A name as somebody with bad intentions would have it.
FULL_NAME: Final = "Nguyễn <script>window.broken = true</script> Anh"
# Passkeys as a telephone holds them: the owner's finger is always there.
AUTHENTICATOR: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
TELL_VIOLATIONS: Final = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
# Said by the browser for every answer from 400 on; those are kept in `refused`.
REFUSED_ANSWER: Final = "Failed to load resource: the server responded with a status of"


@dataclass
class Visitor:
    origin: str
    context: BrowserContext
    page: Page
    browser_tools: CDPSession
    faults: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    username: str = ""
    authenticator: Authenticator | None = None

    @classmethod
    async def arrive(cls, browser: Browser, origin: str) -> "Visitor":
        context = await browser.new_context(viewport=TELEPHONE, locale="vi-VN")
        context.set_default_timeout(WAIT_MILLISECONDS)
        await context.add_init_script(TELL_VIOLATIONS)
        page = await context.new_page()
        tools = await context.new_cdp_session(page)
        visitor = cls(origin, context, page, tools)
        page.on("console", visitor._heard)
        page.on("pageerror", lambda error: visitor.faults.append(f"error: {error}"))
        page.on("request", lambda request: visitor._asked(request.url))
        page.on(
            "response",
            lambda answer: visitor._answered(answer.status, urlsplit(answer.url).path),
        )
        await tools.send("WebAuthn.enable")
        await tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        return visitor

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REFUSED_ANSWER):
            self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.origin}/", "data:")):
            self.faults.append(f"asked elsewhere: {url}")

    def _answered(self, status: int, path: str) -> None:
        if status >= 400:
            self.refused.append((status, path))

    def require_no_faults(self) -> None:
        """No page broke its policy, asked another origin or ran into an error."""
        faults, self.faults = self.faults, []
        assert faults == []

    async def go(self, path: str) -> None:
        await self.page.goto(self.origin + path)

    async def code(self) -> str:
        assert self.authenticator is not None
        return await self.authenticator.code()

    async def fill_and_press(self, form: str, **values: str) -> None:
        for name, value in values.items():
            await self.page.fill(f"#{name.replace('_', '-')}", value)
        await self.page.click(f"#{form} button:visible")

    async def sign_up(self) -> None:
        """Every step of the page, to the recovery codes."""
        self.username = f"anh-{SystemIds().new().hex[-12:]}"
        await self.go("/sign-up")
        await self.fill_and_press(
            "open",
            username=self.username,
            full_name=FULL_NAME,
            password=PASSWORD,
            password_again=PASSWORD,
        )
        await self.page.wait_for_selector("#activate", state="visible")
        secret = (await self.page.inner_text("[data-secret]")).replace(" ", "")
        uri = f"otpauth://totp/any?secret={secret}&period={CODE_PERIOD_SECONDS}"
        self.authenticator = Authenticator(uri, clock=SystemClock())
        await self._show_code("activate", "first_code", until="#enter")
        await self._show_code("enter", "second_code", until="#add-passkey")
        await self.page.click("#add-passkey")
        await self.page.wait_for_selector("#recover", state="visible")
        await self._show_code("recover", "third_code", until="#codes li")

    async def _show_code(self, form: str, field: str, *, until: str) -> None:
        """Again with the next code when this one was too old on arrival: here it lives seconds."""
        for _try in range(CODE_TRIES):
            await self.fill_and_press(form, **{field: await self.code()})
            with contextlib.suppress(NotInTime):
                await self.page.wait_for_selector(until, state="visible", timeout=CODE_MILLISECONDS)
                return
        raise AssertionError(f"no code was taken by #{form}")

    async def sign_out(self) -> None:
        await self.go("/account")
        await self.page.click("#sign-out:enabled")
        await self.page.wait_for_selector("#by-passkey:enabled")

    async def sign_in_with_passkey(self) -> None:
        await self.page.click("#by-passkey:enabled")
        await self.page.wait_for_selector("h1:has-text('Đăng nhập')", state="detached")

    async def read_statement(self) -> str:
        """Once the page has it and lets it be confirmed."""
        await self.page.wait_for_selector("#with-passkey:enabled")
        return await self.page.inner_text("#statement")

    async def read_qr(self, folder: Path) -> str:
        """What a telephone's camera reads from the screen."""
        await self.page.wait_for_selector("img.qr")
        await self.page.eval_on_selector("img.qr", "picture => picture.decode()")
        seen = folder / "screen.png"
        await self.page.locator("img.qr").screenshot(path=seen)
        read = await asyncio.create_subprocess_exec(
            "zbarimg", "--quiet", "--raw", str(seen), stdout=asyncio.subprocess.PIPE
        )
        said, _ = await read.communicate()
        return said.decode().strip()

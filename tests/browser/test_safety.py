"""What others try with a payer's browser, and what the pages say when something is refused."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Route

from deploy.demo.context import Demo
from tests.browser.fees import open_fee
from tests.browser.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.e2e

ROOT: Final = Path(__file__).parents[2]

FORGERY = """<!doctype html><form method="post" enctype="text/plain" action="{target}">
<input name='{{"method":"vietqr","x":"' value='"}}'></form>"""


@pytest.fixture
def evil_origin(stranger: Visitor) -> Iterator[str]:
    """Another port of the same name: the same site to a browser, which sends our cookie along."""

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = FORGERY.format(target=self.path.partition("?")[2]).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Evil) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        serving.join()


async def test_a_form_of_another_site_changes_nothing(
    payer: Visitor, demo: Demo, evil_origin: str
) -> None:
    path = await open_fee(demo)
    targets = (
        f"/v1/payment-intents/{path.rpartition('/')[2]}/confirmations",
        "/v1/sessions/current/rotation",
        "/v1/accounts/current/totp",
    )
    before = await payer.context.cookies()
    assert [one["name"] for one in before if one["httpOnly"]] == ["__Host-lephi"]
    page = await payer.context.new_page()

    for target in targets:
        await page.goto(f"{evil_origin}/?{payer.origin}{target}")
        async with page.expect_navigation():
            await page.evaluate("document.forms[0].submit()")
        refused = json.loads(await page.inner_text("body"))
        assert refused["code"] == "csrf_refused", target
    await page.close()

    assert await payer.context.cookies() == before
    await payer.go(path)
    await payer.read_statement()


@pytest.mark.parametrize("given", ["//evil.example/x", "https://evil.example/", "/%5Cevil.example"])
async def test_after_signing_in_nobody_is_sent_elsewhere(
    payer: Visitor, stranger: Visitor, given: str
) -> None:
    await stranger.go(f"/sign-in?next={given}")
    await stranger.fill_and_press(
        "by-password", username=payer.username, password=PASSWORD, code=await payer.code()
    )

    await stranger.page.wait_for_selector("#account")
    assert stranger.page.url == f"{stranger.origin}/account"


async def test_a_wrong_password_is_said_and_read_out(payer: Visitor, stranger: Visitor) -> None:
    await stranger.go("/sign-in?lang=en")
    await stranger.fill_and_press(
        "by-password", username=payer.username, password="not the one", code="123456"
    )

    await stranger.page.wait_for_selector("#alert[role=alert]", state="visible")
    assert await stranger.page.inner_text("#alert")
    assert await stranger.page.evaluate("document.activeElement.id") == "alert"
    assert stranger.refused == [(401, "/v1/sessions")]


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, "under_maintenance"), (429, "account_locked"), (409, "confirmation_expired")],
)
async def test_a_refused_statement_is_said_and_can_be_asked_for_again(
    payer: Visitor, demo: Demo, status: int, code: str
) -> None:
    said = f"Lý do {code}"

    async def refuse(route: Route) -> None:
        problem = {"status": status, "code": code, "detail": said}
        await route.fulfill(status=status, json=problem)

    await payer.page.route("**/confirmations", refuse)
    await payer.go(await open_fee(demo))
    await payer.page.wait_for_selector("#reopen", state="visible")

    assert await payer.page.inner_text("#alert") == said
    assert not await payer.page.is_visible("#with-passkey")
    await payer.page.unroute("**/confirmations")
    await payer.page.click("#reopen")
    assert demo.dossier["code"] in await payer.read_statement()


async def test_a_session_that_ended_elsewhere_is_sent_to_sign_in_and_comes_back(
    payer: Visitor, stranger: Visitor, demo: Demo
) -> None:
    path = await open_fee(demo)
    await stranger.go(f"/sign-in?next={path}")
    await stranger.fill_and_press(
        "by-password", username=payer.username, password=PASSWORD, code=await payer.code()
    )
    await stranger.read_statement()
    await payer.go("/account")
    await payer.page.click("#end-others")
    await payer.page.wait_for_selector("#message:has-text('Đã đăng xuất mọi nơi khác.')")

    await stranger.page.click("#with-passkey")

    await stranger.page.wait_for_selector("#by-password")
    assert stranger.page.url.endswith(f"/sign-in?next={path}")


async def test_who_must_sign_in_anew_is_told_so(payer: Visitor) -> None:
    async def refuse(route: Route) -> None:
        problem = {"status": 401, "code": "insufficient_user_authentication", "detail": "x"}
        await route.fulfill(status=401, json=problem)

    await payer.page.route("**/v1/accounts/current/totp", refuse)
    await payer.go("/account")
    await payer.page.click("#new-generator:enabled")

    await payer.page.wait_for_selector(".notice:has-text('đăng nhập lại')")
    assert payer.page.url.endswith("/sign-in?next=/account&again=1")
    await payer.page.unroute("**/v1/accounts/current/totp")


async def test_what_can_be_touched_is_large_and_named_on_every_page(
    payer: Visitor, stranger: Visitor, demo: Demo
) -> None:
    fee = await open_fee(demo)
    for visitor, path in (
        (stranger, "/sign-in"),
        (stranger, "/sign-up"),
        (payer, "/account"),
        (payer, fee),
        (payer, "/pay/none"),
    ):
        await visitor.go(path)
        poor = await visitor.page.eval_on_selector_all(
            "main a, main button, main input, main summary, header a:not(.skip)",
            """found => found.filter((one) => one.offsetParent).filter((one) => {
              const named = one.labels ? one.labels.length || one.textContent.trim()
                                       : one.textContent.trim();
              return one.getBoundingClientRect().height < 44 || !named;
            }).map((one) => one.outerHTML)""",
        )
        assert poor == [], path


def documented() -> dict[str, int]:
    """How many operations each house has in the merged document, by name."""
    document = json.loads((ROOT / "contracts" / "openapi" / "merged.json").read_text("utf-8"))
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    return dict(sorted(Counter(one["tags"][0] for one in operations).items()))


DOCUMENTED: Final = documented()
DRAWN_MILLISECONDS_MAX: Final = 60_000


async def test_the_api_documentation_lists_its_operations(stranger: Visitor) -> None:
    # Drawing more than a megabyte of description takes its time beside other tests.
    stranger.page.set_default_timeout(DRAWN_MILLISECONDS_MAX)
    await stranger.go("/docs")

    sections = stranger.page.locator(".opblock-tag")
    await sections.first.wait_for()
    assert await sections.count() == len(DOCUMENTED)
    for number, count in enumerate(DOCUMENTED.values()):
        await sections.nth(number).click()
        await stranger.page.locator(".opblock").nth(count - 1).wait_for()
        assert await stranger.page.locator(".opblock").count() == count
        await sections.nth(number).click()
        await stranger.page.locator(".opblock").first.wait_for(state="detached")
    assert stranger.refused == []

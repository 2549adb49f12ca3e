"""The page as it is served, and what it says beside its bytes."""

import re
from pathlib import Path
from typing import Final

import httpx
import pytest

from chassis import message_signatures
from chassis.message_signatures import SHAPES
from gateway.authentication.machines import signed_requests
from gateway.domain.machines import token_errors
from gateway.domain.machines.signed_request import SignatureClass
from gateway.main import create_app
from gateway.pages.guide import render_guide
from gateway.routes.refusals import refusals_of
from gateway.routes.route import Demand
from gateway.routes.security_schemes import security_of
from gateway.routes.table import ROUTES
from tests.gateway.world import ORIGIN, World
from tests.guide.worked_page import PAGE, blocks

TEXT: Final = PAGE.read_text("utf-8")
EXAMPLES: Final = PAGE.parent / "examples"
PROGRAMS: Final = re.findall(r"^\| `((?:python|curl)/[\w.]+)` \|", TEXT, re.MULTILINE)


async def test_the_page_is_served_under_a_policy_without_scripts_of_others(
    quick_world: World,
) -> None:
    page = await quick_world.http.get("/docs/how-to-sign")

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert not re.findall(r"<style| on\w+=| style=", page.text)
    assert '<h2 id="a-fee-request-byte-by-byte">' in page.text
    for asset in re.findall(r'href="(/docs/assets/[^"]+)"', page.text):
        assert (await quick_world.http.get(asset)).status_code == 200, asset


async def test_the_worked_bytes_reach_the_reader_unchanged(quick_world: World) -> None:
    page = (await quick_world.http.get("/docs/how-to-sign")).text
    shown = page.replace("&quot;", '"').replace("&lt;", "<").replace("&amp;", "&")

    for (kind, name), block in blocks().items():
        assert block in shown, (kind, name)


async def test_the_page_is_found_from_the_documentation(quick_world: World) -> None:
    docs = await quick_world.http.get("/docs")
    document = (await quick_world.http.get("/openapi.json")).json()

    assert 'href="/docs/how-to-sign"' in docs.text
    assert "(/docs/how-to-sign)" in document["info"]["description"]


async def test_an_installation_without_the_page_says_so(quick_world: World, tmp_path: Path) -> None:
    settings = quick_world.settings.model_copy(update={"guide_file": tmp_path / "none.md"})
    app = create_app(settings, database=quick_world.database, upstream=quick_world.upstream)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        answer = await http.get("/docs/how-to-sign")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_file")


def test_text_that_looks_like_html_stays_text() -> None:
    assert "<script>" not in render_guide("# a <script>alert(1)</script>\n\n<b>x</b>")


def test_every_code_that_a_machine_can_hear_is_explained() -> None:
    heard = {
        (status, code)
        for route in ROUTES
        if route.signature is not None
        for status, codes in refusals_of(route).items()
        for code in codes
        if (status, code) not in refusals_of_people()
    }
    explained = {
        (int(status), code)
        for status, code in re.findall(r"^\| (\d{3}) \| `(\w+)` \|", TEXT, re.MULTILINE)
    }
    assert heard == explained


def refusals_of_people() -> set[tuple[int, str]]:
    """What only a session hears, on routes that take a signature as well."""
    signed = {
        (status, code)
        for route in ROUTES
        if route.demand in (Demand.SIGNED, Demand.CALLBACK)
        for status, codes in refusals_of(route).items()
        for code in codes
    }
    sessions = {
        (status, code)
        for route in ROUTES
        if route.demand is Demand.SESSION
        for status, codes in refusals_of(route).items()
        for code in codes
    }
    return sessions - signed


def test_every_refusal_of_the_token_endpoint_is_named() -> None:
    kinds = [kind for kind in vars(token_errors).values() if hasattr(kind, "code")]
    own = {kind.code for kind in kinds if kind.__module__ == token_errors.__name__}
    # A token is refused at the doors only; the other is the kind that refusals derive from.
    for code in own - {"invalid_token", "unauthenticated"}:
        assert f"`{code}`" in TEXT.partition("At the token endpoint")[2], code


def test_every_reason_for_a_bad_signature_is_one_that_is_said() -> None:
    table = TEXT.partition("| `bad_signature`, because |")[2].partition("\n\n")[0]
    reasons = {
        reason
        for line in table.splitlines()
        for reason in re.findall(r"`([^`]+)`", line.split("|")[1] if "|" in line else "")
    }
    folder = Path(message_signatures.__file__).parent
    said = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    said += Path(signed_requests.__file__).read_text("utf-8")
    for reason in reasons:
        written = reason.replace("sha-256", "{name}").replace("labelled lephi", "labelled {LABEL}")
        assert written in said or reason in said, reason
    assert len(reasons) > 10


def test_the_table_of_tags_is_the_codes() -> None:
    for tag, shape in SHAPES.items():
        components = " ".join(f"`{name}`" for name in shape.components)
        assert f"| `{tag}` | {components} |" in TEXT
    assert {one.value.tag for one in SignatureClass} == SHAPES.keys()


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_that_is_named_is_there(name: str) -> None:
    assert (EXAMPLES / name).is_file()


def test_every_route_that_is_signed_is_said_to_be() -> None:
    for route in ROUTES:
        named = {name for way in security_of(route) for name in way}
        if route.signature is not None and route.demand is not Demand.CALLBACK:
            assert "messageSignature" in named, route.path

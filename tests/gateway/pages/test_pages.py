"""The pages as they are sent, without a browser."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from gateway.pages.assets import FOLDER
from gateway.pages.rendering import WORDS
from tests.gateway.world import PAYMENT_INTENT_ID, World

PAGES = ("/sign-in", "/sign-up", "/pay/none", "/tra-cuu-bien-lai")
TEMPLATES = Path(__file__).parents[3] / "gateway" / "pages" / "templates"
KEY_URI = "otpauth://totp/Lephi:anh?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=30"


def leaves(words: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in words.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{name}.")
        else:
            yield above + name


def test_both_languages_say_everything() -> None:
    assert set(leaves(WORDS["vi"])) == set(leaves(WORDS["en"]))


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_and_loads_only_what_is_ours(quick_world: World, path: str) -> None:
    page = await quick_world.http.get(path)

    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert not re.findall(r"https?://", page.text)
    assert not re.findall(r"<script(?![^>]*src=)[^>]*>|<style| on\w+=| style=", page.text)
    for asset in re.findall(r'(?:src|href)="(/pages/assets/[^"]+)"', page.text):
        assert (await quick_world.http.get(asset)).status_code == 200, asset


def test_every_file_that_scripts_import_is_there_and_none_makes_markup_of_text() -> None:
    for script in FOLDER.glob("*.js"):
        text = script.read_text("utf-8")
        for name in re.findall(r'from "\./([^"]+)"', text):
            assert (FOLDER / name).exists(), f"{script.name} imports {name}"
        assert not re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text)


def test_every_word_that_scripts_say_is_written_down() -> None:
    for script in FOLDER.glob("*.js"):
        for name in re.findall(r"\bwords\.(\w+)", script.read_text("utf-8")):
            assert name in WORDS["vi"]["script"], f"{script.name} says {name}"


def test_every_word_is_said_somewhere() -> None:
    scripts = " ".join(one.read_text("utf-8") for one in FOLDER.glob("*.js"))
    frame = (TEMPLATES / "frame.html").read_text("utf-8")
    for topic in ("sign_in", "sign_up", "account", "pay", "receipts", "refusal"):
        page = (TEMPLATES / f"{topic}.html").read_text("utf-8") + frame
        for name in WORDS["vi"][topic]:
            assert f"said.{name}" in page or f'said["{name}"]' in page, f"{topic}.{name}"
    for name in WORDS["vi"]["site"]:
        assert f"site.{name}" in frame, name
    for name in WORDS["vi"]["script"]:
        assert re.search(rf"words\.{name}\b", scripts), name


def test_no_template_escapes_escaping() -> None:
    for template in TEMPLATES.glob("*.html"):
        assert not re.findall(r"\|\s*safe|autoescape", template.read_text("utf-8")), template


async def test_a_file_that_is_known_is_not_sent_again(quick_world: World) -> None:
    first = await quick_world.http.get("/pages/assets/pages.css")
    again = await quick_world.http.get(
        "/pages/assets/pages.css", headers={"if-none-match": first.headers["etag"]}
    )

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (await quick_world.http.get("/pages/assets/frame.html")).status_code == 404


@pytest.mark.parametrize("path", ["/account", f"/pay/{PAYMENT_INTENT_ID}"])
async def test_who_is_not_signed_in_is_sent_to_sign_in(quick_world: World, path: str) -> None:
    for cookie in ({}, {"cookie": "__Host-lephi=made-up"}):
        answer = await quick_world.http.get(path, headers=cookie)

        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next={path}"
    assert quick_world.upstream.requests == []


@pytest.mark.parametrize("part", ["state", "qr.svg", "qr.png"])
async def test_what_a_page_fetches_is_refused_without_a_session(
    quick_world: World, part: str
) -> None:
    answer = await quick_world.http.get(f"/pay/{PAYMENT_INTENT_ID}/{part}")

    assert (answer.status_code, answer.json()["code"]) == (401, "session_refused")


@pytest.mark.parametrize(
    "given",
    [
        "//evil",
        "https://evil",
        "/\\evil",
        "/a//b",
        "javascript:x",
        "/a?b=c",
        "evil",
        "/%2fevil",
        "",
    ],
)
async def test_only_our_own_paths_are_gone_to_afterwards(quick_world: World, given: str) -> None:
    for page in ("/sign-in", "/sign-up"):
        answer = await quick_world.http.get(page, params={"next": given})

        assert 'data-next="/account"' in answer.text
        assert "evil" not in answer.text


async def test_our_own_path_is_gone_to(quick_world: World) -> None:
    answer = await quick_world.http.get("/sign-in", params={"next": f"/pay/{PAYMENT_INTENT_ID}"})

    assert f'data-next="/pay/{PAYMENT_INTENT_ID}"' in answer.text


async def test_a_page_speaks_vietnamese_until_english_is_asked_for(quick_world: World) -> None:
    http = quick_world.http

    plain = await http.get("/sign-in")
    english = await http.get("/sign-in", headers={"accept-language": "en-GB,vi;q=0.5"})
    chosen = await http.get("/sign-in?lang=en")

    assert '<html lang="vi"' in plain.text
    assert '<html lang="en"' in english.text
    assert '<html lang="en"' in chosen.text
    # Kept for the next page; the cookie holds nothing but the language.
    assert re.match(r"lephi-language=en; HttpOnly;.*Secure", chosen.headers["set-cookie"])
    assert "set-cookie" not in plain.headers


async def test_a_code_generators_secret_is_drawn_and_nothing_else_is(quick_world: World) -> None:
    drawn = await quick_world.http.post("/pages/qr", json={"text": KEY_URI})
    refused = await quick_world.http.post("/pages/qr", json={"text": "https://evil.example/"})

    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.headers["cache-control"] == "no-store"
    tags = {one.tag.partition("}")[2] for one in ET.fromstring(drawn.text).iter()}
    assert tags <= {"svg", "path", "g"}
    assert refused.status_code == 422


async def test_a_payment_that_is_not_there_is_told_on_a_page(quick_world: World) -> None:
    answer: httpx.Response = await quick_world.http.get("/pay/none")

    assert answer.status_code == 404
    assert "Không có khoản thanh toán này." in answer.text


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_form_of_another_site_signs_nobody_in(quick_world: World, media_type: str) -> None:
    answer = await quick_world.http.post(
        "/v1/sessions?cookie=true",
        content=b'{"username": "somebody", "password": "a password", "totp": "123456"}',
        headers={"content-type": media_type},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "set-cookie" not in answer.headers

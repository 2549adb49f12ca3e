"""From template and words to an answer. Whatever comes from outside is text, never markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.clock import VIETNAM
from chassis.money import Money
from gateway.pages.visitor import HOME, LANGUAGE_COOKIE, LANGUAGES, Visitor, next_of

FOLDER: Final = Path(__file__).parent
WORDS: Final[Mapping[str, Mapping[str, Any]]] = {
    language: json.loads((FOLDER / "words" / f"{language}.json").read_text("utf-8"))
    for language in LANGUAGES
}
NOTHING: Final[Mapping[str, str]] = {}


class Rendering:
    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"dong": _dong, "moment": _moment, "instant": _instant}

    def page(
        self,
        name: str,
        request: Request,
        visitor: Visitor,
        *,
        status: int = 200,
        kept: Mapping[str, str] = NOTHING,
        **facts: Any,
    ) -> HTMLResponse:
        """`kept` is what the address must go on saying when the language is changed."""
        words = WORDS[visitor.language]
        html = self._templates.get_template(f"{name}.html").render(
            words=words,
            said=words[name],
            visitor=visitor,
            language_links=_language_links(request, visitor, kept),
            **facts,
        )
        answer = HTMLResponse(html, status_code=status, headers=dict(self._headers))
        answer.headers["content-language"] = visitor.language
        answer.headers["vary"] = "accept-language, cookie"
        if request.query_params.get("lang") in LANGUAGES:
            answer.set_cookie(
                LANGUAGE_COOKIE, visitor.language, secure=True, httponly=True, samesite="lax"
            )
        return answer


def _language_links(
    request: Request, visitor: Visitor, given: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Each other language, and the query that shows this page in it; of what was asked no more
    than we understood is repeated."""
    kept = dict(given)
    if "again" in request.query_params:
        kept["again"] = "1"
    if (target := next_of(request)) != HOME:
        kept["next"] = target
    return [
        (language, urlencode({"lang": language, **kept}, safe="/"))
        for language in LANGUAGES
        if language != visitor.language
    ]


def _dong(amount: Money) -> str:
    return f"{amount.minor_units:,}".replace(",", ".") + " ₫"


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def _instant(instant: datetime) -> str:
    """For programs: the `datetime` of a time element."""
    return instant.astimezone(VIETNAM).isoformat(timespec="seconds")

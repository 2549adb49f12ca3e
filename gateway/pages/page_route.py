"""A route whose refusals are pages too."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from chassis.errors import Refused
from chassis.problems import status_of
from gateway.domain.confirming.errors import PaymentNotFound
from gateway.pages.rendering import Rendering
from gateway.pages.visitor import Visitor, language_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def page_route(rendering: Rendering) -> type[APIRoute]:
    class PageRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    return await handle(request)
                except Refused as refused:
                    return _refusal(rendering, request, refused)
                except RequestValidationError:
                    # Of an address there is only the id that can be wrong.
                    return _refusal(rendering, request, PaymentNotFound())

            return answer

    return PageRoute


def _refusal(rendering: Rendering, request: Request, refused: Refused) -> Response:
    language = language_of(request)
    visitor = Visitor(language=language, path=request.url.path)
    spoken = refused.message if language == "en" else refused.message_vi or refused.message
    status = status_of(refused)
    answer = rendering.page("refusal", request, visitor, status=status, spoken=spoken)
    if status in (429, 503):
        answer.headers["retry-after"] = str(refused.retry_after_seconds or 2)
    return answer

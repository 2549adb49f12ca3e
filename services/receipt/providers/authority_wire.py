"""Authorities over HTTP, asked within bounds: so long, so many bytes, no redirection."""

import asyncio
from typing import Final

import httpx

from services.receipt.domain.errors import SignerUnavailable

SECONDS_MAX: Final = 3.0


class AuthorityWire:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def fetch(self, url: str, *, bytes_max: int) -> bytes:
        return await self._send("GET", url, bytes_max)

    async def ask(self, url: str, question: bytes, *, media_type: str, bytes_max: int) -> bytes:
        return await self._send("POST", url, bytes_max, question, {"content-type": media_type})

    async def _send(
        self,
        method: str,
        url: str,
        bytes_max: int,
        question: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        try:
            async with (
                asyncio.timeout(SECONDS_MAX),
                self._client.stream(
                    method, url, content=question, headers=headers, follow_redirects=False
                ) as answer,
            ):
                if answer.status_code != 200:
                    raise SignerUnavailable(f"an authority answered {answer.status_code}")
                raw = b""
                async for piece in answer.aiter_bytes():
                    raw += piece
                    if len(raw) > bytes_max:
                        raise SignerUnavailable("an authority said too much")
                return raw
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise SignerUnavailable(f"no authority to ask: {type(error).__name__}") from error

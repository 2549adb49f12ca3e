"""Services as processes of their own: HTTP over connections that stay open."""

from collections.abc import Mapping
from typing import Final

import aiohttp
from yarl import URL

from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest

CONNECTIONS_MAX: Final = 128
# Shorter than uvicorn's five, so that we never write into a connection it is just closing.
KEEP_ALIVE_SECONDS: Final = 4
OUR_HEADERS: Final = frozenset({"Accept", "Accept-Encoding", "Content-Type", "User-Agent"})


class HttpUpstream:
    def __init__(self, origins: Mapping[str, str], *, timeout_seconds: float) -> None:
        self._origins = {service: origin.rstrip("/") for service, origin in origins.items()}
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: UpstreamRequest) -> UpstreamAnswer:
        # Encoded already: the token names the target letter by letter.
        url = URL(self._origins[request.service] + request.target, encoded=True)
        try:
            async with self._open().request(
                request.method,
                url,
                headers=list(request.headers),
                data=request.body or None,
                allow_redirects=False,
            ) as answer:
                return UpstreamAnswer(
                    status=answer.status,
                    headers=tuple((name.lower(), value) for name, value in answer.headers.items()),
                    body=await answer.read(),
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UpstreamUnavailable(request.service) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS_MAX, keepalive_timeout=KEEP_ALIVE_SECONDS
                ),
                timeout=self._timeout,
                auto_decompress=False,
                skip_auto_headers=OUR_HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

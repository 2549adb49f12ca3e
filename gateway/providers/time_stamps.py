"""A time-stamping authority over HTTP (RFC 3161), asked within bounds and never just believed."""

import asyncio
import hashlib
from typing import Final

import httpx
from asn1crypto import algos, core, tsp

from chassis.ids import Ids
from gateway.domain.evidence.errors import TimeStampUnavailable
from gateway.domain.evidence.stamp import TimeStamp
from gateway.ports.evidence import StampChecks

ANSWER_BYTES_MAX: Final = 64 * 1024
SECONDS_MAX: Final = 3.0
NONCE_BYTES: Final = 8
GRANTED: Final = frozenset({"granted", "granted_with_mods"})


class HttpTimeStamps:
    def __init__(self, url: str, trusted: StampChecks, *, ids: Ids) -> None:
        self._url = url
        self._trusted = trusted
        self._ids = ids

    async def stamp(self, content: bytes) -> TimeStamp:
        imprint = hashlib.sha256(content).digest()
        # The nonce only ties the answer to the question; nothing is kept secret by it.
        drawn = hashlib.sha256(self._ids.token(NONCE_BYTES).encode()).digest()
        nonce = int.from_bytes(drawn[:NONCE_BYTES])
        raw = await self._ask(_request(imprint, nonce))
        try:
            answer = tsp.TimeStampResp.load(raw, strict=True)
            if answer["status"]["status"].native not in GRANTED:
                raise TimeStampUnavailable("the authority did not grant it")
            token = answer["time_stamp_token"].dump()
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise TimeStampUnavailable("its answer cannot be read") from error
        at = self._trusted.check(token, imprint=imprint, nonce=nonce)
        return TimeStamp(token=token, at=at)

    async def _ask(self, body: bytes) -> bytes:
        headers = {
            "content-type": "application/timestamp-query",
            "accept": "application/timestamp-reply",
        }
        try:
            async with (
                asyncio.timeout(SECONDS_MAX),
                httpx.AsyncClient(timeout=SECONDS_MAX, follow_redirects=False) as client,
                client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                if answer.status_code != 200:
                    raise TimeStampUnavailable(f"it answered {answer.status_code}")
                raw = b""
                async for piece in answer.aiter_bytes():
                    raw += piece
                    if len(raw) > ANSWER_BYTES_MAX:
                        raise TimeStampUnavailable("it said too much")
                return raw
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise TimeStampUnavailable(type(error).__name__) from error


def _request(imprint: bytes, nonce: int) -> bytes:
    asked = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": tsp.MessageImprint(
                {
                    "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                    "hashed_message": imprint,
                }
            ),
            "nonce": core.Integer(nonce),
            "cert_req": True,
        }
    )
    encoded: bytes = asked.dump()
    return encoded

"""A receipt's files, asked of the receipt service with a token minted for each request."""

from typing import Final
from uuid import UUID

import httpx

from chassis.auth import Caller, TokenMinter
from services.notification.domain.errors import DocumentsUnavailable
from services.notification.ports import Documents

AUDIENCE: Final = "receipt"
DOCUMENT_BYTES_MAX: Final = 10_000_000
OURSELVES: Final = Caller(
    subject="notification", kind="service", scopes=frozenset({"receipt.read"})
)


class HttpReceiptDocuments:
    def __init__(self, client: httpx.AsyncClient, *, minter: TokenMinter) -> None:
        self._client = client
        self._minter = minter

    async def fetch(self, receipt_id: UUID) -> Documents:
        return Documents(
            pdf=await self._get(receipt_id, "pdf"), xml=await self._get(receipt_id, "xml")
        )

    async def _get(self, receipt_id: UUID, kind: str) -> bytes:
        target = f"/v1/receipts/{receipt_id}/{kind}"
        token = self._minter.mint(
            audience=AUDIENCE, method="GET", target=target, body=b"", caller=OURSELVES
        )
        try:
            headers = {"authorization": f"Bearer {token}"}
            async with self._client.stream("GET", target, headers=headers) as response:
                response.raise_for_status()
                return await _read_all(response, receipt_id)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DocumentsUnavailable(receipt_id) from error


async def _read_all(response: httpx.Response, receipt_id: UUID) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > DOCUMENT_BYTES_MAX:
            raise DocumentsUnavailable(receipt_id)
    if not raw:
        raise DocumentsUnavailable(receipt_id)
    return bytes(raw)

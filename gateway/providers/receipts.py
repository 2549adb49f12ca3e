"""The receipt service, as an evidence bundle needs it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ValidationError

from chassis.auth import Caller
from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.evidence import ReceiptDocuments
from gateway.providers.service_calls import ServiceCalls

SERVICE = "receipt"
ISSUED = "issued"
CALLER: Final = Caller(subject="gateway", kind="service", scopes=frozenset({"receipt.read"}))


class _ReceiptBody(BaseModel):
    id: UUID
    symbol: str
    number: int
    status: str


class _ReceiptPage(BaseModel):
    items: list[_ReceiptBody]


class ReceiptService:
    def __init__(self, calls: ServiceCalls) -> None:
        self._calls = calls

    async def list_documents(self, payment_intent_id: UUID) -> Sequence[ReceiptDocuments]:
        raw = await self._get(f"/v1/receipts?payment_intent_id={payment_intent_id}")
        try:
            listed = _ReceiptPage.model_validate_json(raw).items
        except ValidationError as error:
            raise UpstreamUnavailable(SERVICE) from error
        # One that is only numbered is not signed yet: there is nothing to show.
        found = [one for one in listed if one.status == ISSUED]
        numbers = [str(one.number) for one in found]
        return [
            ReceiptDocuments(
                # Two series may have reached the same number.
                name=number if numbers.count(number) == 1 else f"{one.symbol}-{number}",
                xml=await self._get(f"/v1/receipts/{one.id}/xml"),
                pdf=await self._get(f"/v1/receipts/{one.id}/pdf"),
            )
            for one, number in zip(found, numbers, strict=True)
        ]

    async def _get(self, target: str) -> bytes:
        answer = await self._calls.call(SERVICE, "GET", target, caller=CALLER, headers={})
        if answer.status != 200:
            raise UpstreamUnavailable(SERVICE)
        return answer.body

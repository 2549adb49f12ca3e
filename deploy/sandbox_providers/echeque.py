"""The clearing bank of electronic cheques, played: presented, and days later cleared or not."""

import json
from functools import cached_property
from typing import Annotated, Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field, ValidationError

from chassis.canonical import canonical_json
from chassis.keys import PrivateKey, PublicKey, load_private_key, load_public_key, thumbprint
from chassis.message_signatures import (
    CALLBACK,
    FEE_REQUEST,
    READ,
    BadSignature,
    RequestSigner,
    Shape,
    SignedMessage,
    sign_response,
    verify,
)
from deploy.sandbox_providers.order import Behaviour, OrderStatus, SandboxOrder
from deploy.sandbox_providers.player import Desk, SignedNotice

CLIENT_ID: Final = "bank-echeque"
# Cheques of this bank bounce at once.
REFUSED_BANK: Final = "970444"
STATUS: Final = {
    OrderStatus.CREATED: "presented",
    OrderStatus.PAID: "cleared",
    OrderStatus.DECLINED: "dishonoured",
}


class ChequeBody(BaseModel):
    order_reference: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,50}$")]
    amount: Annotated[int, Field(gt=0, le=10**15)]
    currency: str
    cheque_number: str
    drawee_bank_bin: str


class ChequeClearing:
    """`pay` in the sandbox's control is clearing, `decline` dishonouring."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        # Used under the real key's name: what a forger who knows us would send.
        self._forged_key = generate_private_key(SECP256R1())

    @cached_property
    def _key(self) -> PrivateKey:
        """Read when it is first needed: a town without cheques needs no key."""
        return load_private_key(self._desk.keys_dir / "clients" / f"{CLIENT_ID}.key.pem")

    @property
    def _key_id(self) -> str:
        return thumbprint(self._key.public_key())

    @cached_property
    def _platform(self) -> PublicKey:
        return load_public_key(self._desk.keys_dir / "payment" / "outgoing.pub.pem")

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/cheques")

        @router.post("")
        async def present(request: Request) -> Response:
            raw = await self._proved(request, FEE_REQUEST)
            try:
                body = ChequeBody.model_validate_json(raw)
            except ValidationError:
                return self._signed(request, {"code": "unreadable_order"}, status=422)
            if body.currency != "VND" or body.drawee_bank_bin == REFUSED_BANK:
                return self._signed(request, {"code": "cheque_not_taken"}, status=422)
            known = self._desk.book.find(self._desk.name, body.order_reference)
            if known is None:
                known = self._desk.book.put(self._new(body))
            elif known.facts["cheque_number"] != body.cheque_number:
                return self._signed(request, {"code": "another_cheque_of_that_name"}, status=409)
            said = {"order_reference": known.order_reference, "status": STATUS[known.status]}
            return self._signed(request, said)

        @router.get("/{order_reference}")
        async def get_cheque(order_reference: str, request: Request) -> Response:
            await self._proved(request, READ)
            found = self._desk.book.find(self._desk.name, order_reference)
            cheque = self._said(found) if found else None
            return self._signed(request, {"order_reference": order_reference, "cheque": cheque})

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice:
        body = canonical_json({"notice_id": notice_id, **self._said(order)})
        is_forged = order.behaviour is Behaviour.BAD_SIGNATURE
        key = self._forged_key if is_forged else self._key
        signer = RequestSigner(
            CLIENT_ID, self._key_id, key, clock=self._desk.clock, ids=self._desk.ids
        )
        headers = signer.headers("POST", self._desk.notify_url, body, shape=CALLBACK)
        return SignedNotice(headers=headers, body=body)

    def heard(self, status: int, body: bytes) -> bool:
        return 200 <= status < 300

    def _new(self, body: ChequeBody) -> SandboxOrder:
        return SandboxOrder(
            provider=self._desk.name,
            order_reference=body.order_reference,
            amount=body.amount,
            description=f"cheque {body.cheque_number}",
            return_url="",
            created_at=self._desk.clock.now(),
            provider_reference=f"CHQ{self._desk.ids.new().hex.upper()}",
            facts={"cheque_number": body.cheque_number},
        )

    def _said(self, order: SandboxOrder) -> dict[str, Any]:
        bounced = order.status is OrderStatus.DECLINED
        return {
            "clearing_reference": order.provider_reference,
            "order_reference": order.order_reference,
            "amount": order.paid_amount or order.amount,
            "currency": "VND",
            "status": STATUS[order.status],
            "reason": "insufficient_funds" if bounced else None,
            "decided_at": (order.paid_at or order.created_at).isoformat(),
        }

    async def _proved(self, request: Request, shape: Shape) -> bytes:
        message = SignedMessage(
            method=request.method,
            url=str(request.url),
            headers=list(request.headers.items()),
            body=await request.body(),
        )
        try:
            verify(message, shape=shape, key=self._platform, now=self._desk.clock.now())
        except BadSignature as error:
            raise HTTPException(401, "not our partner") from error
        return message.body

    def _signed(self, request: Request, said: dict[str, Any], *, status: int = 200) -> Response:
        body = json.dumps(said).encode()
        headers = sign_response(
            status=status,
            body=body,
            method=request.method,
            url=str(request.url),
            request_headers=list(request.headers.items()),
            key_id=self._key_id,
            key=self._key,
            clock=self._desk.clock,
        )
        return Response(body, status_code=status, headers=headers)

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from gateway.domain.confirming.confirmation import Confirmation, ConfirmationProof, Status
from gateway.domain.confirming.errors import (
    AlreadyConfirmed,
    ConfirmationNotFound,
    ConfirmationUsed,
)
from gateway.domain.confirming.proof import ProofKind, ProverRole
from gateway.storage.confirming.tables import CONFIRMATION

OPEN = CONFIRMATION.c.status == Status.OPEN.value


class SqlConfirmations:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def supersede_open(self, payment_intent_id: UUID, *, user_id: UUID) -> None:
        await self._connection.execute(
            update(CONFIRMATION)
            .where(CONFIRMATION.c.payment_intent_id == payment_intent_id, OPEN)
            .where(CONFIRMATION.c.user_id == user_id)
            .values(status=Status.SUPERSEDED.value)
        )

    async def add(self, confirmation: Confirmation) -> None:
        row = {
            "id": confirmation.id,
            "payment_intent_id": confirmation.payment_intent_id,
            "user_id": confirmation.user_id,
            "amount_minor_units": confirmation.amount.minor_units,
            "currency": confirmation.amount.currency,
            "method": confirmation.method,
            "intent_bytes": confirmation.intent_bytes,
            "shown_text": confirmation.shown_text,
            "opened_at": confirmation.opened_at,
            "expires_at": confirmation.expires_at,
            "role": confirmation.role.value,
            "status": confirmation.status.value,
        }
        await self._connection.execute(insert(CONFIRMATION), row)

    async def get(self, confirmation_id: UUID) -> Confirmation:
        return await self._one(select(CONFIRMATION).where(CONFIRMATION.c.id == confirmation_id))

    async def get_for_update(self, confirmation_id: UUID) -> Confirmation:
        wanted = select(CONFIRMATION).where(CONFIRMATION.c.id == confirmation_id)
        return await self._one(wanted.with_for_update())

    async def _one(self, wanted: Select[Any]) -> Confirmation:
        row = (await self._connection.execute(wanted)).one_or_none()
        if row is None:
            raise ConfirmationNotFound
        return _entity(row)

    async def is_confirmed(self, payment_intent_id: UUID, *, method: str) -> bool:
        confirmed = (
            select(CONFIRMATION.c.id)
            .where(CONFIRMATION.c.payment_intent_id == payment_intent_id)
            .where(CONFIRMATION.c.method == method)
            .where(CONFIRMATION.c.status == Status.CONFIRMED.value)
        )
        return (await self._connection.execute(confirmed)).first() is not None

    async def confirmers_of(self, payment_intent_id: UUID) -> frozenset[UUID]:
        confirmed = (
            select(CONFIRMATION.c.user_id)
            .where(CONFIRMATION.c.payment_intent_id == payment_intent_id)
            .where(CONFIRMATION.c.status == Status.CONFIRMED.value)
        )
        return frozenset((await self._connection.execute(confirmed)).scalars())

    async def confirm(self, confirmation: Confirmation) -> None:
        proof = confirmation.proof
        assert proof is not None
        try:
            done = await self._connection.execute(
                update(CONFIRMATION)
                .where(CONFIRMATION.c.id == confirmation.id, OPEN)
                .where(CONFIRMATION.c.expires_at > proof.confirmed_at)
                .values(
                    status=Status.CONFIRMED.value,
                    proof_kind=proof.kind.value,
                    proof_sha256=proof.fingerprint,
                    device_key_id=proof.device_key_id,
                    evidence_id=proof.evidence_id,
                    assurance=proof.assurance,
                    confirmed_at=proof.confirmed_at,
                )
            )
        except IntegrityError as error:
            raise AlreadyConfirmed from error
        if done.rowcount != 1:
            raise ConfirmationUsed

    async def expire(self, *, overdue_at: datetime, limit: int) -> int:
        overdue = (
            select(CONFIRMATION.c.id)
            .where(OPEN, CONFIRMATION.c.expires_at <= overdue_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        done = await self._connection.execute(
            update(CONFIRMATION)
            .where(CONFIRMATION.c.id.in_(overdue), OPEN)
            .values(status=Status.EXPIRED.value)
        )
        return done.rowcount


def _entity(row: Row[Any]) -> Confirmation:
    return Confirmation(
        id=row.id,
        payment_intent_id=row.payment_intent_id,
        user_id=row.user_id,
        amount=Money(row.amount_minor_units, row.currency),
        method=row.method,
        intent_bytes=row.intent_bytes,
        shown_text=row.shown_text,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        role=ProverRole(row.role),
        status=Status(row.status),
        proof=_proof(row) if row.evidence_id else None,
    )


def _proof(row: Row[Any]) -> ConfirmationProof:
    return ConfirmationProof(
        kind=ProofKind(row.proof_kind),
        fingerprint=row.proof_sha256,
        assurance=row.assurance,
        evidence_id=row.evidence_id,
        confirmed_at=row.confirmed_at,
        device_key_id=row.device_key_id,
    )

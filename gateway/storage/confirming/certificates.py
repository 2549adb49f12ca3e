from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.confirming.certificate import CERTIFICATES_MAX, Authority, BoundCertificate
from gateway.domain.confirming.errors import CertificateTaken
from gateway.storage.confirming.tables import CERTIFICATE
from gateway.storage.inserting import insert_once


class SqlCertificates:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def bind(self, certificate: BoundCertificate) -> None:
        row = {
            "id": certificate.id,
            "user_id": certificate.user_id,
            "authority": certificate.authority.value,
            "der": certificate.der,
            "subject": certificate.subject,
            "not_after": certificate.not_after,
            "bound_at": certificate.bound_at,
        }
        if await insert_once(self._connection, CERTIFICATE, row):
            return
        taken_up = await self._connection.execute(
            update(CERTIFICATE)
            .where(CERTIFICATE.c.id == certificate.id)
            .where(CERTIFICATE.c.user_id == certificate.user_id)
            .where(CERTIFICATE.c.authority == certificate.authority.value)
            .where(CERTIFICATE.c.removed_at.is_not(None))
            .values(bound_at=certificate.bound_at, removed_at=None)
        )
        if taken_up.rowcount != 1:
            raise CertificateTaken

    async def find(self, certificate_id: str) -> BoundCertificate | None:
        wanted = select(CERTIFICATE).where(CERTIFICATE.c.id == certificate_id)
        row = (await self._connection.execute(wanted)).one_or_none()
        return None if row is None else _entity(row)

    async def list_of(self, user_id: UUID) -> Sequence[BoundCertificate]:
        held = (
            select(CERTIFICATE)
            .where(CERTIFICATE.c.user_id == user_id, CERTIFICATE.c.removed_at.is_(None))
            .order_by(CERTIFICATE.c.bound_at, CERTIFICATE.c.id)
            .limit(CERTIFICATES_MAX)
        )
        return [_entity(row) for row in (await self._connection.execute(held)).all()]

    async def remove(self, certificate_id: str, *, user_id: UUID, at: datetime) -> bool:
        done = await self._connection.execute(
            update(CERTIFICATE)
            .where(CERTIFICATE.c.id == certificate_id, CERTIFICATE.c.user_id == user_id)
            .where(CERTIFICATE.c.removed_at.is_(None))
            .values(removed_at=at)
        )
        return done.rowcount == 1


def _entity(row: Row[Any]) -> BoundCertificate:
    return BoundCertificate(
        id=row.id,
        user_id=row.user_id,
        authority=Authority(row.authority),
        der=row.der,
        subject=row.subject,
        not_after=row.not_after,
        bound_at=row.bound_at,
        removed_at=row.removed_at,
    )

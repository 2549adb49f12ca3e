from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.series.errors import RegistrationNotFound
from services.receipt.domain.series.registration import (
    Contact,
    Registration,
    RegistrationContent,
    RegistrationKind,
    RegistrationState,
    Sending,
    SigningCertificate,
    TaxOffice,
)
from services.receipt.ports.series import PaperFilter
from services.receipt.storage.series.tables import SERIES_REGISTRATION

_T: Final = SERIES_REGISTRATION.c
LISTED_MAX: Final = 100


class SqlRegistrations:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, registration: Registration) -> None:
        row = {
            "id": registration.id,
            "agency_code": registration.agency_code,
            "content": _document(registration.content),
            "drafted_at": registration.drafted_at,
            "drafted_by": registration.drafted_by,
        }
        await self._connection.execute(insert(SERIES_REGISTRATION), row | _changing(registration))

    async def get(self, registration_id: UUID) -> Registration:
        return await self._one(select(SERIES_REGISTRATION).where(_T.id == registration_id))

    async def get_for_update(self, registration_id: UUID) -> Registration:
        wanted = select(SERIES_REGISTRATION).where(_T.id == registration_id)
        return await self._one(wanted.with_for_update())

    async def _one(self, query: Select[Any]) -> Registration:
        row = (await self._connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise RegistrationNotFound
        return _to_registration(row)

    async def save(self, registration: Registration) -> None:
        changed = update(SERIES_REGISTRATION).where(_T.id == registration.id)
        await self._connection.execute(changed.values(_changing(registration)))

    async def list_accepted(self, agency_code: str) -> Sequence[Registration]:
        query = (
            select(SERIES_REGISTRATION)
            .where(_T.agency_code == agency_code, _T.state == RegistrationState.ACCEPTED.value)
            .order_by(_T.id.desc())
            .limit(LISTED_MAX)
        )
        return [_to_registration(row) for row in (await self._connection.execute(query)).mappings()]

    async def list_page(self, wanted: PaperFilter) -> Sequence[Registration]:
        page = select(SERIES_REGISTRATION).order_by(_T.id.desc()).limit(wanted.limit)
        if wanted.agencies is not None:
            page = page.where(_T.agency_code.in_(sorted(wanted.agencies)))
        if wanted.before is not None:
            page = page.where(_T.id < wanted.before)
        return [_to_registration(row) for row in (await self._connection.execute(page)).mappings()]


def _changing(registration: Registration) -> dict[str, object]:
    return {
        "state": registration.state.value,
        "submitted_on": registration.submitted_on,
        "answered_on": registration.answered_on,
        "answer": registration.answer,
    }


def _document(content: RegistrationContent) -> dict[str, Any]:
    document = asdict(content)
    document["certificates"] = [
        {name: v.isoformat() if isinstance(v, datetime) else v for name, v in one.items()}
        for one in document["certificates"]
    ]
    return document | {"forms": list(content.forms)}


def _content(document: Mapping[str, Any]) -> RegistrationContent:
    return RegistrationContent(
        kind=RegistrationKind(document["kind"]),
        agency_name=document["agency_name"],
        tax_code=document["tax_code"],
        tax_office=TaxOffice(**document["tax_office"]),
        contact=Contact(**document["contact"]),
        forms=tuple(document["forms"]),
        sending=Sending(document["sending"]),
        certificates=tuple(
            SigningCertificate(
                issuer=one["issuer"],
                serial=one["serial"],
                valid_from=datetime.fromisoformat(one["valid_from"]),
                valid_to=datetime.fromisoformat(one["valid_to"]),
            )
            for one in document["certificates"]
        ),
    )


def _to_registration(row: RowMapping) -> Registration:
    return Registration(
        id=row["id"],
        agency_code=row["agency_code"],
        state=RegistrationState(row["state"]),
        content=_content(row["content"]),
        drafted_at=row["drafted_at"],
        drafted_by=row["drafted_by"],
        submitted_on=row["submitted_on"],
        answered_on=row["answered_on"],
        answer=row["answer"],
    )

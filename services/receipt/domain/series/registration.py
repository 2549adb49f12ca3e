"""Registering the use of electronic receipts with the tax office: the data of form 01/ĐKTĐ-CTĐT.

Nothing is sent by this: a person takes the file to the tax portal and notes the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.receipt.domain.series.errors import IllegalRegistrationTransition


class RegistrationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REFUSED = "refused"


ALLOWED: Final[Mapping[RegistrationState, frozenset[RegistrationState]]] = {
    RegistrationState.DRAFT: frozenset({RegistrationState.SUBMITTED}),
    RegistrationState.SUBMITTED: frozenset({RegistrationState.ACCEPTED, RegistrationState.REFUSED}),
    RegistrationState.ACCEPTED: frozenset(),
    RegistrationState.REFUSED: frozenset(),
}


class RegistrationKind(StrEnum):
    NEW = "new"
    CHANGE = "change"


class Sending(StrEnum):
    """How receipt data reaches the tax authority."""

    DIRECT = "direct"
    THROUGH_PROVIDER = "through_provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxOffice:
    name: str
    # Five digits.
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Of the agency, not of a payer: the form prints it."""

    name: str
    address: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCertificate:
    issuer: str
    serial: str
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationContent:
    """`forms`: the form codes to be used, such as 01BLP0-001."""

    kind: RegistrationKind
    agency_name: str
    tax_code: str
    tax_office: TaxOffice
    contact: Contact
    forms: Sequence[str]
    sending: Sending
    certificates: Sequence[SigningCertificate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    id: UUID
    agency_code: str
    state: RegistrationState
    content: RegistrationContent
    drafted_at: datetime
    drafted_by: str
    submitted_on: date | None = None
    answered_on: date | None = None
    # What the tax office wrote: the number of its notice, or why not.
    answer: str | None = None

    def submit(self, on: date) -> Self:
        return replace(self._become(RegistrationState.SUBMITTED), submitted_on=on)

    def answered(self, *, accepted: bool, on: date, answer: str) -> Self:
        wanted = RegistrationState.ACCEPTED if accepted else RegistrationState.REFUSED
        return replace(self._become(wanted), answered_on=on, answer=answer)

    def covers(self, form_code: str) -> bool:
        return self.state is RegistrationState.ACCEPTED and form_code in self.content.forms

    def _become(self, wanted: RegistrationState) -> Self:
        if wanted not in ALLOWED[self.state]:
            raise IllegalRegistrationTransition(current=self.state, wanted=wanted)
        return replace(self, state=wanted)

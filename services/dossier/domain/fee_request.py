"""What this dossier asks the payer for, and what payment has told us of it since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.money import Money
from services.dossier.domain.catalog import CollectionAccount
from services.dossier.domain.qr_payload import check_pays


class PaymentStatus(StrEnum):
    """The payment's own words for its states."""

    CREATED = "created"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"


_ENDS: Final = frozenset({PaymentStatus.EXPIRED, PaymentStatus.SUCCEEDED, PaymentStatus.CANCELLED})
# News may overtake one another: success is never undone, and what expired is reopened by nothing
# but the news that it was revived.
OVERTAKES: Final[Mapping[PaymentStatus, frozenset[PaymentStatus]]] = {
    PaymentStatus.CREATED: _ENDS | {PaymentStatus.CONFIRMED},
    PaymentStatus.CONFIRMED: _ENDS,
    PaymentStatus.EXPIRED: frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.CANCELLED}),
    PaymentStatus.SUCCEEDED: frozenset(),
    PaymentStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCode:
    """The one QR that pays this fee, valid until it expires."""

    bill_reference: str
    qr_payload: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRequest:
    """Its id is also the payment intent's: the obligation has one name in all houses."""

    id: UUID
    dossier_id: UUID
    amount: Money
    payee: CollectionAccount
    due_at: datetime
    status: PaymentStatus = PaymentStatus.CREATED
    code: PaymentCode | None = None
    paid_at: datetime | None = None
    revived_until: datetime | None = None

    def opened_with(self, code: PaymentCode) -> Self:
        """Keep the code if it pays exactly this fee; a code that does not is refused."""
        check_pays(code.qr_payload, amount=self.amount, payee=self.payee)
        if self.code is not None:
            return self
        if self.revived_until is not None:
            code = replace(code, expires_at=max(code.expires_at, self.revived_until))
        return replace(self._heard(PaymentStatus.CONFIRMED), code=code)

    def paid(self, *, at: datetime) -> Self:
        if self.status is PaymentStatus.SUCCEEDED:
            return self
        return replace(self._heard(PaymentStatus.SUCCEEDED), paid_at=at)

    def expired(self, *, at: datetime) -> Self:
        """Old news if it was revived until later."""
        if self.revived_until is not None and at < self.revived_until:
            return self
        return self._heard(PaymentStatus.EXPIRED)

    def cancelled(self) -> Self:
        return self._heard(PaymentStatus.CANCELLED)

    def revived(self, *, until: datetime) -> Self:
        """It can be paid until then after all, by the code that it had, if it had one."""
        if self.status in (PaymentStatus.SUCCEEDED, PaymentStatus.CANCELLED):
            return self
        if self.revived_until is not None and until <= self.revived_until:
            return self
        code = None if self.code is None else replace(self.code, expires_at=until)
        was = PaymentStatus.CREATED if code is None else PaymentStatus.CONFIRMED
        return replace(self, status=was, code=code, revived_until=until)

    def _heard(self, status: PaymentStatus) -> Self:
        return replace(self, status=status) if status in OVERTAKES[self.status] else self

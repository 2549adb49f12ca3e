"""Which provider takes a payment by which method: in order, the first that is able."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.payment.domain.intents.method import Method

# A province changes this by PAYMENT_ROUTES. Providers that are not registered are passed over.
ROUTES: Final[Mapping[Method, tuple[str, ...]]] = {
    Method.VIETQR: ("sandbox",),
    Method.BANK_TRANSFER: ("sandbox", "payos", "sepay", "casso", "vietqr"),
    Method.DOMESTIC_CARD: ("vnpay", "national", "zalopay", "momo"),
    Method.INTERNATIONAL_CARD: ("vnpay", "zalopay"),
    Method.VNPT_PAY: ("vnptpay",),
    Method.MOMO: ("momo",),
    Method.ZALOPAY: ("zalopay",),
    Method.INTERNET_BANKING: ("vnpay", "national"),
    Method.POS: ("counter",),
    Method.CASH: ("counter",),
    Method.E_CHEQUE: ("echeque",),
}
# One that gave no answer is asked last for so long, so that payers do not wait for it in turn.
REST: Final = timedelta(seconds=30)


@dataclass(slots=True)
class Availability:
    """What this process has seen of providers lately; another process sees for itself."""

    _failed_at: dict[str, datetime] = field(default_factory=dict)

    def note_failure(self, provider: str, *, at: datetime) -> None:
        self._failed_at[provider] = at

    def in_order(self, providers: Sequence[str], *, now: datetime) -> Sequence[str]:
        """As given, but those that rest come last: better asked in vain than not at all."""
        return sorted(providers, key=lambda name: self._rests(name, now))

    def _rests(self, provider: str, now: datetime) -> bool:
        failed_at = self._failed_at.get(provider)
        return failed_at is not None and now - failed_at < REST

"""Our copy of who collects and where its money arrives; the catalogue owns it."""

from dataclasses import dataclass
from datetime import date

from services.payment.domain.intents.payment_intent import Payee


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """As published for a span of days; `valid_to` is the last of them."""

    code: str
    name: str
    payee: Payee
    valid_from: date
    valid_to: date | None

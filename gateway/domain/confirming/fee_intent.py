"""The canonical statement of one fee that a payer signs: built here, never by a browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from unicodedata import normalize
from uuid import UUID

from chassis.canonical import canonical_json, load_json
from chassis.money import Money
from gateway.domain.confirming.proof import ProverRole

INTENT_TYPE: Final = "lephi-fee-intent/1"
TEMPLATE: Final = "confirm-vi/1"
COUNTER_TEMPLATE: Final = "confirm-counter-vi/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    code: str
    name: str
    bank_bin: str
    account_number: str
    account_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeItem:
    code: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableFee:
    """What the payment service says is owed."""

    payment_intent_id: UUID
    # A bill has a name of its biller's, and perhaps no dossier.
    dossier_code: str | None
    reference: str | None = None
    payee: Payee
    items: tuple[FeeItem, ...]
    amount: Money
    status: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Where an officer takes a payer's word: `officer` is their name towards this agency."""

    officer: str
    desk: str
    drawer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentTerms:
    """What we add to the fee: who signs, for whom, how, and for how long.

    `payer` is None at a counter, where an officer signs for whoever stands there.
    """

    audience: str
    payer: str | None
    method: str
    issued_at: datetime
    expires_at: datetime
    nonce: str
    counter: "Counter | None" = None


def describe_intent(fee: PayableFee, terms: IntentTerms) -> dict[str, Any]:
    """The object that is signed. Amounts are text: JSON numbers lose digits on their way."""
    return {
        "typ": INTENT_TYPE,
        "aud": terms.audience,
        "txn": str(fee.payment_intent_id),
        **_subject(fee),
        "payee": {
            "code": _text(fee.payee.code),
            "name": _text(fee.payee.name),
            "bank_bin": _text(fee.payee.bank_bin),
            "account_number": _text(fee.payee.account_number),
            "account_name": _text(fee.payee.account_name),
        },
        **_prover(terms),
        "items": [
            {
                "code": _text(item.code),
                "name": _text(item.name),
                "amount": str(item.amount.minor_units),
            }
            for item in fee.items
        ],
        "amount": str(fee.amount.minor_units),
        "currency": fee.amount.currency,
        "method": terms.method,
        "tpl": TEMPLATE if terms.counter is None else COUNTER_TEMPLATE,
        "iat": terms.issued_at.isoformat(),
        "exp": terms.expires_at.isoformat(),
        "nonce": terms.nonce,
    }


def _subject(fee: PayableFee) -> dict[str, str]:
    dossier = {} if fee.dossier_code is None else {"dossier": _text(fee.dossier_code)}
    return dossier if fee.reference is None else {**dossier, "reference": _text(fee.reference)}


def _prover(terms: IntentTerms) -> dict[str, str]:
    if terms.counter is None:
        return {"payer": terms.payer or ""}
    return {
        "role": ProverRole.COUNTER.value,
        "officer": terms.counter.officer,
        "desk": _text(terms.counter.desk),
        "drawer": _text(terms.counter.drawer),
    }


def read_intent(raw: bytes) -> dict[str, Any]:
    """Of bytes that were made here."""
    intent: dict[str, Any] = load_json(raw)
    return intent


def intent_bytes(intent: Mapping[str, Any]) -> bytes:
    """The exact bytes a device signs (RFC 8785)."""
    return canonical_json(dict(intent))


def _text(value: str) -> str:
    # Two spellings of one Vietnamese letter must not make two intents.
    return normalize("NFC", value)


def moment_of(text: str) -> datetime:
    """An instant of an intent, read back."""
    return datetime.fromisoformat(text)

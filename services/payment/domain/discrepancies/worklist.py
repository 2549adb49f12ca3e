"""How a case is worked on: what is proposed, what may be decided, and the history of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

SYSTEM: Final = "system"


class Action(StrEnum):
    """What the case proposes by itself; a person decides."""

    REFUND = "refund"
    APPLY_TO_INTENT = "apply_to_intent"
    ASK_PROVIDER = "ask_provider"
    NONE = "none"


class Resolution(StrEnum):
    """How a case ended. `no_fault`: nothing is held for anybody, or the provider took it back."""

    REFUNDED = "refunded"
    APPLIED = "applied"
    WRITTEN_OFF = "written_off"
    NO_FAULT = "no_fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What shall become of a case. `payment_intent_id` is the fee that the money is applied to;
    `agency_code` who remits money that nobody asked back."""

    resolution: Resolution
    payment_intent_id: UUID | None = None
    agency_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A decision about much money, waiting for a second person to decide the same."""

    decision: Decision
    by: str
    at: datetime


class EventKind(StrEnum):
    FOUND = "found"
    ASSIGNED = "assigned"
    NOTED = "noted"
    ASKED = "asked"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    SUPERSEDED = "superseded"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """Who did what to a case, when, and why in their own words. Never changed, never removed."""

    id: UUID
    discrepancy_id: UUID
    kind: EventKind
    by: str
    at: datetime
    note: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    request_fingerprint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvidence:
    """The word that the case is about: its bytes are kept with the notification, and with the
    gateway under `evidence_id`."""

    notification_id: UUID
    source: str
    outcome: str
    evidence_id: str | None
    evidence_level: str
    paid_at: datetime
    received_at: datetime

"""What a person may do, and for which agencies."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

EVERY_AGENCY: Final = "*"
AGENCY_PATTERN: Final = r"^(\*|[A-Za-z0-9][A-Za-z0-9.-]{0,39})$"


class Role(StrEnum):
    """Citizens hold none: what is theirs is theirs without a grant."""

    COUNTER_OFFICER = "counter-officer"
    ACCOUNTANT = "accountant"
    REFUND_REQUESTER = "refund-requester"
    REFUND_APPROVER = "refund-approver"
    FEE_EDITOR = "fee-editor"
    FEE_PUBLISHER = "fee-publisher"
    KEY_REGISTRAR = "key-registrar"
    KEY_APPROVER = "key-approver"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    GRANTER = "granter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """`agency` is an agency's code, or `*` for what belongs to no single agency."""

    role: Role
    agency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """A grant in the books: who made it, and who ended it. `granted_by` reads `kind:id`."""

    id: UUID
    user_id: UUID
    grant: Grant
    granted_by: str
    granted_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None

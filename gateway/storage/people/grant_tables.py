from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Uuid, text

from chassis.db import Utc
from gateway.storage.metadata import METADATA

LIVE: Final = text("withdrawn_at IS NULL")

# Nothing is removed: a grant that ended says when, and by whom.
ROLE_GRANT: Final = Table(
    "role_grant",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False),
    Column("role", String(32), nullable=False),
    Column("agency", String(40), nullable=False),
    Column("granted_by", String(80), nullable=False),
    Column("granted_at", Utc, nullable=False),
    Column("withdrawn_by", String(80)),
    Column("withdrawn_at", Utc),
    CheckConstraint(
        "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"
    ),
    Index(
        "role_grant_live_key",
        "user_id",
        "role",
        "agency",
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    ),
    Index("role_grant_agency_id_idx", "agency", "id"),
)

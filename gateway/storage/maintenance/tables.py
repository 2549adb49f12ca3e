from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, Index, String, Table, Text, Uuid, text

from chassis.db import Utc
from gateway.storage.metadata import METADATA

MAINTENANCE_WINDOW: Final = Table(
    "maintenance_window",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("reason_vi", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("starts_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Column("announced_at", Utc, nullable=False),
    Column("announced_by", String(100), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", Utc),
    Column("ended_at", Utc),
    CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    CheckConstraint("state IN ('announced', 'started', 'ended', 'cancelled')", name="state"),
    Index(
        "maintenance_window_standing_idx",
        "starts_at",
        postgresql_where=text("state IN ('announced', 'started')"),
        sqlite_where=text("state IN ('announced', 'started')"),
    ),
)

AVAILABILITY_MINUTE: Final = Table(
    "availability_minute",
    METADATA,
    Column("minute", Utc, primary_key=True),
    Column("up", Boolean, nullable=False),
)

from typing import Final

from sqlalchemy import Column, String, Table

from chassis.db import Document, Utc
from services.payment.storage.metadata import METADATA

# One row: the whole set as it was published last, so that replacing it is one statement.
PUBLISHED_METHODS: Final = Table(
    "published_methods",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("published_at", Utc, nullable=False),
    Column("methods", Document, nullable=False),
)

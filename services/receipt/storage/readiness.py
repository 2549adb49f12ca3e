from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chassis.db import Database
from services.receipt.storage.series.tables import RECEIPT_RULE

LOOK: Final = select(RECEIPT_RULE.c.form_code).limit(1)


async def is_ready(database: Database) -> bool:
    """Whether the database answers and has our tables."""
    try:
        async with database.read() as connection:
            await connection.execute(LOOK)
    except (SQLAlchemyError, OSError):
        return False
    return True

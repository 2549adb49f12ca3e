from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chassis.db import Database
from services.payment.storage.intents.tables import PAYMENT_INTENT

LOOK = select(PAYMENT_INTENT.c.id).limit(1)


async def is_ready(database: Database) -> bool:
    """Whether the database answers and has our tables."""
    try:
        async with database.read() as connection:
            await connection.execute(LOOK)
    except (SQLAlchemyError, OSError):
        return False
    return True

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.db import Database


async def test_an_error_does_not_say_what_was_asked_for(database_url: str) -> None:
    """Errors are logged, and among the parameters are codes and names."""
    opened = Database.open(database_url)
    with pytest.raises(DBAPIError) as failed:
        async with opened.read() as connection:
            await connection.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": "a secret"})
    await opened.close()

    assert "nowhere" in str(failed.value)
    assert "a secret" not in str(failed.value)

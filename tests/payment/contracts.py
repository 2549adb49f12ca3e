"""Reads what really lies in the outbox and holds it against contracts/events."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
from sqlalchemy import select

import services.payment
from chassis.db import Database
from services.payment.storage.tables import OUTBOX

EVENTS = Path(services.payment.__file__).parents[2] / "contracts" / "events"


async def said(database: Database) -> list[dict[str, Any]]:
    """The events in the outbox, oldest first, each valid by its published schema."""
    waiting = select(OUTBOX.c.type, OUTBOX.c.body).order_by(OUTBOX.c.stored_at, OUTBOX.c.id)
    async with database.read() as connection:
        rows = (await connection.execute(waiting)).all()
    events = []
    for row in rows:
        event = json.loads(row.body)
        assert event["type"] == row.type
        schema = json.loads((EVENTS / f"{row.type}.json").read_text("utf-8"))
        jsonschema_rs.validator_for(schema, validate_formats=True).validate(event)
        events.append(event)
    return events


async def said_types(database: Database) -> list[str]:
    return [event["type"] for event in await said(database)]

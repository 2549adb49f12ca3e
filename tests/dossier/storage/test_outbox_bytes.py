"""The bytes that will leave, against the contracts and without the applicant."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import select

from chassis.db import Database
from chassis.sealing import Sealer
from services.dossier.domain.events import PAYER_PURPOSE
from services.dossier.storage.tables import OUTBOX
from tests.dossier.samples import APPLICANT, MORNING
from tests.dossier.storage.submitting import publish_catalog, submit

CONTRACTS = Path(__file__).parents[3] / "contracts" / "events"
SEALER = Sealer({"2026": b"k" * 32}, "2026")
TYPES = ["dossier.submitted.v1", "dossier.fee_requested.v1", "dossier.state_changed.v1"]


def contract(type: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((CONTRACTS / f"{type}.json").read_text("utf-8"))
    return schema


async def waiting(database: Database) -> Mapping[str, bytes]:
    async with database.read() as connection:
        rows = await connection.execute(select(OUTBOX.c.type, OUTBOX.c.body))
        return {row.type: row.body for row in rows}


@pytest.fixture
async def outgoing(database: Database, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, bytes]:
    monkeypatch.setattr("tests.dossier.storage.submitting.OpenSeal", lambda: SEALER)
    await publish_catalog(database)
    await submit(database)
    return await waiting(database)


async def test_every_event_that_leaves_keeps_its_contract(outgoing: Mapping[str, bytes]) -> None:
    assert sorted(outgoing) == sorted(TYPES)
    for type, body in outgoing.items():
        validator = jsonschema_rs.validator_for(contract(type), validate_formats=True)
        validator.validate(json.loads(body))


async def test_no_word_of_the_applicant_leaves_unsealed(outgoing: Mapping[str, bytes]) -> None:
    facts = [
        APPLICANT.full_name,
        APPLICANT.identity_number,
        APPLICANT.address,
        APPLICANT.email,
        APPLICANT.phone,
    ]
    for body in outgoing.values():
        text = body.decode()
        escaped = json.dumps(json.loads(text))
        for fact in facts:
            assert fact
            assert fact not in text
            assert json.dumps(fact)[1:-1] not in escaped


async def test_who_holds_the_key_reads_the_payer(outgoing: Mapping[str, bytes]) -> None:
    sealed = json.loads(outgoing["dossier.fee_requested.v1"])["data"]["payer_sealed"]

    assert SEALER.unseal(sealed, purpose=PAYER_PURPOSE) == {
        "full_name": APPLICANT.full_name,
        "identity_number": APPLICANT.identity_number,
        "address": APPLICANT.address,
        "email": APPLICANT.email,
        "phone": APPLICANT.phone,
    }


async def test_times_leave_with_their_offset(outgoing: Mapping[str, bytes]) -> None:
    envelope = json.loads(outgoing["dossier.submitted.v1"])

    assert envelope["data"]["submitted_at"] == f"{MORNING:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("type", TYPES)
def test_the_example_of_a_contract_keeps_it(type: str) -> None:
    schema = contract(type)
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    assert schema["examples"]
    for example in schema["examples"]:
        validator.validate(example)

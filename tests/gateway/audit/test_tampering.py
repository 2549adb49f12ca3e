"""Whoever owns the database changes the log in a thousand ways; every one is seen (I-33)."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.canonical import load_json
from deploy.audit_database import judge_rows
from deploy.verifier.audit_files import held_by
from deploy.verifier.audit_log import AuditJudge, AuditKeys
from deploy.verifier.verdict import Verdict
from deploy.witness.main import create_witness
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.providers.witnesses import FileWitness, HttpWitness
from tests.gateway.audit.edits import CHECKPOINTS, LEAVES, Vandal
from tests.gateway.audit.rig import Rig

EDITS = 1_000
SEED = 20261123
EVIDENCE_EACH = 2


@pytest.fixture
async def anchors(
    postgresql_rig: Rig, var_dir: Path, tmp_path: Path
) -> AsyncIterator[dict[str, Any]]:
    """A log of 64 leaves with 4 checkpoints, seen by a witness that signs and one that keeps."""
    said: dict[str, Any] = load_json((var_dir / "trust" / "anchors.json").read_bytes())
    app = create_witness(
        tmp_path / "witness",
        name="bank",
        anchors=var_dir / "trust" / "anchors.json",
        clock=postgresql_rig.clock,
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://witness") as http,
    ):
        said["witness_keys"] = {"bank": (await http.get("/key")).json()["jwk"]}
        jwk = said["witness_keys"]["bank"]
        postgresql_rig.witnesses = [
            HttpWitness("bank", "http://witness/v1/checkpoints", jwk, http),
            FileWitness("finance", tmp_path / "finance"),
        ]
        for _ in CHECKPOINTS:
            await add_evidence(postgresql_rig, EVIDENCE_EACH)
            await postgresql_rig.grow(LEAVES // len(CHECKPOINTS) - EVIDENCE_EACH)
        assert postgresql_rig.gauges.witnessed_sizes == {"bank": LEAVES, "finance": LEAVES}
        yield said


async def add_evidence(rig: Rig, count: int) -> None:
    uow = rig.uow()
    async with uow:
        for number in range(count):
            await uow.evidence.add(
                Evidence(
                    id=uow._ids.new(),
                    kind=EvidenceKind.CLIENT_REQUEST,
                    recorded_at=rig.clock.now(),
                    record={"client_id": "portal-demo", "number": str(number)},
                    body=b"{}",
                    client_id="portal-demo",
                    signature_base=b"base",
                )
            )


async def judged(connection: AsyncConnection, anchors: dict[str, Any], *witnesses: Path) -> Verdict:
    judge = AuditJudge(AuditKeys.of(anchors), held_by(witnesses))
    return await judge_rows(connection, judge)


async def test_a_thousand_edits_of_a_superuser_are_all_detected(
    postgresql_rig: Rig, anchors: dict[str, Any], tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    done: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    async with postgresql_rig.database.engine.connect() as connection, connection.begin():
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        vandal = Vandal(connection, chance, postgresql_rig.signer)
        ways = list(vandal.ways)
        assert (await judged(connection, anchors, tmp_path / "finance")).valid
        for number in range(EDITS):
            way = ways[number % len(ways)]
            async with connection.begin_nested() as edit:
                await vandal.ways[way]()
                done[way] += 1
                seen[way] += not (await judged(connection, anchors, tmp_path / "finance")).valid
                await edit.rollback()
        assert (await judged(connection, anchors, tmp_path / "finance")).valid

    print(f"\n{sum(seen.values())} of {sum(done.values())} edits of {len(ways)} ways detected")
    assert seen == done
    assert sum(seen.values()) == EDITS


@pytest.mark.parametrize("way", ["rewrite the whole chain", "truncate the tail"])
async def test_only_a_witness_betrays_who_rewrites_everything_and_signs_it_anew(
    postgresql_rig: Rig, anchors: dict[str, Any], tmp_path: Path, way: str
) -> None:
    async with postgresql_rig.database.engine.connect() as connection, connection.begin():
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        vandal = Vandal(connection, random.Random(SEED), postgresql_rig.signer)
        await vandal.ways[way]()

        assert (await judged(connection, anchors)).valid
        betrayed = await judged(connection, anchors, tmp_path / "finance")
        assert not betrayed.valid
        assert [one.name for one in betrayed.items if not one.valid] == ["witnesses"]
        # What the witness that signs remembers tells the same.
        assert not (await judged(connection, anchors, tmp_path / "witness")).valid

"""The audit log in the gateway's database: read as a stream, and compared with what stands beside.

The tree is judged by the verifier, which knows nothing of us; here are only the rows.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Database
from deploy.verifier.audit_log import AuditJudge, Problems
from deploy.verifier.audit_tree import Node
from deploy.verifier.verdict import Verdict
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.storage.audit.tables import (
    AUDIT_CHECKPOINT,
    AUDIT_COSIGNATURE,
    AUDIT_LEAF,
    AUDIT_NODE,
    AUDIT_PENDING,
)
from gateway.storage.evidence.tables import EVIDENCE

LEAVES_AT_ONCE: Final = 1_000
CHECKPOINTS_AT_ONCE: Final = 200
EVIDENCE_AT_ONCE: Final = 100
PENDING_MAX: Final = 100_000
RECORDED: Final = "evidence.recorded"

Row = Mapping[str, Any]
Progress = Callable[[int], None]


@asynccontextmanager
async def one_moment(database: Database) -> AsyncIterator[AsyncConnection]:
    """All that is read within is of one instant, whoever writes meanwhile."""
    options: dict[str, Any] = {"read_only": True}
    if database.dialect == "postgresql":
        options = {"isolation_level": "REPEATABLE READ"}
    async with database.engine.execution_options(**options).connect() as connection:
        yield connection


async def read_leaves(connection: AsyncConnection) -> AsyncIterator[Sequence[Row]]:
    """Pages of leaves in the log's order."""
    after = None
    while True:
        asked = select(AUDIT_LEAF).order_by(AUDIT_LEAF.c.index).limit(LEAVES_AT_ONCE)
        if after is not None:
            asked = asked.where(AUDIT_LEAF.c.index > after)
        rows = [dict(row) for row in (await connection.execute(asked)).mappings()]
        if not rows:
            return
        yield rows
        after = rows[-1]["index"]


async def read_checkpoints(connection: AsyncConnection) -> AsyncIterator[dict[str, Any]]:
    """Smallest first, as the verifier takes them."""
    after = None
    while True:
        asked = select(AUDIT_CHECKPOINT).order_by(AUDIT_CHECKPOINT.c.size)
        if after is not None:
            asked = asked.where(AUDIT_CHECKPOINT.c.size > after)
        found = (await connection.execute(asked.limit(CHECKPOINTS_AT_ONCE))).all()
        if not found:
            return
        after = found[-1].size
        seen = select(AUDIT_COSIGNATURE).where(
            AUDIT_COSIGNATURE.c.size.in_([row.size for row in found])
        )
        by_size: dict[int, list[dict[str, Any]]] = {row.size: [] for row in found}
        for row in await connection.execute(seen.order_by(AUDIT_COSIGNATURE.c.witness)):
            by_size[row.size].append({"witness": row.witness, "jws": row.jws})
        for row in found:
            yield {
                "origin": row.origin,
                "size": row.size,
                "root": row.root.hex(),
                "at": row.at.isoformat(),
                "jws": row.jws,
                "cosignatures": by_size[row.size],
            }


async def log_lines(connection: AsyncConnection) -> AsyncIterator[dict[str, Any]]:
    """Leaves in their order, each checkpoint after the last leaf it covers."""
    checkpoints = read_checkpoints(connection)
    following = await anext(checkpoints, None)
    async for page in read_leaves(connection):
        for leaf in page:
            yield {
                "leaf": {
                    "index": leaf["index"],
                    "record": leaf["record"].decode(),
                    "hash": leaf["leaf_hash"].hex(),
                }
            }
            while following is not None and following["size"] <= leaf["index"] + 1:
                yield {"checkpoint": following}
                following = await anext(checkpoints, None)
    while following is not None:
        yield {"checkpoint": following}
        following = await anext(checkpoints, None)


async def judge_rows(
    connection: AsyncConnection, judge: AuditJudge, *, progress: Progress = lambda _count: None
) -> Verdict:
    """Every leaf, node, checkpoint and cosignature, and the evidence the log speaks of."""
    problems = judge.problems
    checkpoints = read_checkpoints(connection)
    following = await anext(checkpoints, None)
    nodes = 0
    async for page in read_leaves(connection):
        complete: list[Node] = []
        for leaf in page:
            complete += judge.add_leaf(leaf["index"], leaf["record"], leaf["leaf_hash"])
            _compare_columns(leaf, problems)
            while following is not None and following["size"] <= judge.tree.size:
                judge.add_checkpoint(following)
                following = await anext(checkpoints, None)
        nodes += await _compare_nodes(complete, problems, connection)
        await _find_lost_evidence(page, problems, connection)
        progress(judge.tree.size)
    while following is not None:
        judge.add_checkpoint(following)
        following = await anext(checkpoints, None)
    judge.finish()
    kept = await connection.scalar(select(func.count()).select_from(AUDIT_NODE)) or 0
    if kept != nodes:
        problems.add("nodes", f"{kept} nodes are kept, and the leaves make {nodes}")
    await _count_cosignatures(problems, connection)
    evidence = await _compare_evidence(problems, connection)
    more = (
        problems.item("columns", "what the log is searched by is what its records say"),
        problems.item("nodes", f"{nodes} nodes are what the leaves make"),
        problems.item("evidence", f"{evidence} pieces, each recorded once and unchanged"),
    )
    return judge.verdict(more)


def _compare_columns(leaf: Row, problems: Problems) -> None:
    said = _said(leaf["record"])
    stated = {
        "id": str(leaf["id"]),
        "at": leaf["recorded_at"].isoformat(),
        "action": leaf["action"],
        "actor": leaf["actor"],
        "subject": leaf["subject"],
    }
    wrong = [name for name, value in stated.items() if said.get(name) != value]
    if wrong:
        problems.add("columns", f"leaf {leaf['index']} is filed under another {', '.join(wrong)}")


async def _compare_nodes(
    complete: Sequence[Node], problems: Problems, connection: AsyncConnection
) -> int:
    """Says how many there should be above these leaves."""
    wanted = {(level, index): digest for level, index, digest in complete if level > 0}
    by_level: dict[int, list[int]] = {}
    for level, index in wanted:
        by_level.setdefault(level, []).append(index)
    if not by_level:
        return 0
    spans = [
        and_(AUDIT_NODE.c.level == level, AUDIT_NODE.c.index.between(min(these), max(these)))
        for level, these in by_level.items()
    ]
    rows = await connection.execute(select(AUDIT_NODE).where(or_(*spans)))
    kept = {(row[0], row[1]): row[2] for row in rows}
    for (level, index), digest in wanted.items():
        if kept.get((level, index)) != digest:
            problems.add("nodes", f"node {index} of level {level} is not made of its leaves")
    return len(wanted)


async def _count_cosignatures(problems: Problems, connection: AsyncConnection) -> None:
    sizes = select(AUDIT_CHECKPOINT.c.size)
    lost = select(func.count()).select_from(AUDIT_COSIGNATURE)
    asked = lost.where(AUDIT_COSIGNATURE.c.size.not_in(sizes))
    if count := await connection.scalar(asked):
        problems.add("witnesses", f"{count} cosignatures are over checkpoints that are gone")


async def _find_lost_evidence(
    page: Sequence[Row], problems: Problems, connection: AsyncConnection
) -> None:
    """What the log says was recorded must be there."""
    named = {
        str(said["subject"]).removeprefix("evidence:")
        for leaf in page
        if (said := _said(leaf["record"])).get("action") == RECORDED
    }
    if not named:
        return
    kept = select(EVIDENCE.c.id).where(EVIDENCE.c.id.in_([_uuid(one) for one in named]))
    found = {str(id) for id in (await connection.execute(kept)).scalars()}
    for lost in sorted(named - found):
        problems.add("evidence", f"{lost} was recorded and is gone")


async def _compare_evidence(problems: Problems, connection: AsyncConnection) -> int:
    """Each piece has exactly one entry, with its digest; the entry may still be pending."""
    waiting: dict[str, list[str]] | None = None
    count, after = 0, None
    while True:
        asked = select(EVIDENCE).order_by(EVIDENCE.c.id).limit(EVIDENCE_AT_ONCE)
        if after is not None:
            asked = asked.where(EVIDENCE.c.id > after)
        rows = (await connection.execute(asked)).mappings().all()
        if not rows:
            return count
        after = rows[-1]["id"]
        count += len(rows)
        digests = await _recorded([f"evidence:{row['id']}" for row in rows], connection)
        if any(len(one) != 1 for one in digests.values()) and waiting is None:
            waiting = await _waiting(connection)
        for row in rows:
            subject = f"evidence:{row['id']}"
            told = digests[subject] + (waiting or {}).get(subject, [])
            if len(told) != 1:
                problems.add("evidence", f"{row['id']} is recorded {len(told)} times")
            elif told[0] != _evidence(row).digest:
                problems.add("evidence", f"{row['id']} is not what was recorded")


async def _recorded(subjects: Sequence[str], connection: AsyncConnection) -> dict[str, list[str]]:
    asked = select(AUDIT_LEAF.c.subject, AUDIT_LEAF.c.record).where(
        AUDIT_LEAF.c.subject.in_(subjects), AUDIT_LEAF.c.action == RECORDED
    )
    digests: dict[str, list[str]] = {subject: [] for subject in subjects}
    for subject, record in await connection.execute(asked):
        digests[subject].append(_digest(_said(record)))
    return digests


async def _waiting(connection: AsyncConnection) -> dict[str, list[str]]:
    digests: dict[str, list[str]] = {}
    asked = select(AUDIT_PENDING.c.record).limit(PENDING_MAX)
    for record in (await connection.execute(asked)).scalars():
        said = _said(record)
        if said.get("action") == RECORDED:
            digests.setdefault(str(said.get("subject")), []).append(_digest(said))
    return digests


def _digest(said: Row) -> str:
    details = said.get("details")
    return str(details.get("sha256")) if isinstance(details, dict) else ""


def _said(record: Any) -> dict[str, Any]:
    try:
        said = json.loads(record)
    except (ValueError, TypeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _evidence(row: Any) -> Evidence:
    names = {field.name for field in fields(Evidence)} & set(row.keys())
    return Evidence(**{**{name: row[name] for name in names}, "kind": EvidenceKind(row["kind"])})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)

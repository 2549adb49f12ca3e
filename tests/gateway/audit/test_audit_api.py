"""The log through the public door: anybody sees what was signed, auditors see the entries."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.ids import SystemIds
from chassis.keys import public_jwk
from deploy.verifier.audit_signatures import read_checkpoint
from deploy.verifier.audit_tree import hash_leaf, require_consistent, require_included
from gateway.api.audit.entries_csv import entries_csv
from gateway.api.audit.schemas import EntryBody
from gateway.authentication.audit.checkpoint_signer import JwsCheckpointSigner
from gateway.domain.people.roles import EVERY_AGENCY, Grant, Role, RoleGrant
from tests.gateway.audit.rig import Rig
from tests.gateway.payer import Payer
from tests.gateway.world import World


def rig_at(world: World) -> Rig:
    keys = world.settings.keys_dir / "gateway"
    return Rig(world.database, JwsCheckpointSigner.from_directory(keys), world.clock)


async def make_auditor(
    world: World, role: Role = Role.AUDITOR, *, agency: str = EVERY_AGENCY
) -> Payer:
    auditor = Payer(world, "ngo.kiem.toan")
    await auditor.open_account()
    uow = rig_at(world).uow()
    async with uow:
        made = RoleGrant(
            id=SystemIds(world.clock).new(),
            user_id=UUID(auditor.id),
            grant=Grant(role=role, agency=agency),
            granted_by="operator:test",
            granted_at=world.clock.now(),
        )
        await uow.grants.add(made)
    await auditor.sign_in()
    return auditor


async def get(who: Payer, target: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {who.token}"}
    return await who.world.http.get(f"/v1/audit/{target}", headers=headers)


async def asked(who: Payer, target: str) -> Any:
    answer = await get(who, target)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_anybody_gets_the_last_checkpoint_and_that_it_extends_an_earlier_one(
    world: World,
) -> None:
    assert (await world.http.get("/v1/audit/checkpoint")).status_code == 404
    rig = rig_at(world)
    first = (await rig.grow(3)).checkpoint
    second = (await rig.grow(4)).checkpoint
    assert first is not None
    assert second is not None

    said = (await world.http.get("/v1/audit/checkpoint")).json()
    asked_for = f"/v1/audit/consistency?from={first.size}&to={second.size}"
    path = (await world.http.get(asked_for)).json()["path"]

    anchors = rig.signer._known
    keys = {kid: public_jwk(key) for kid, key in anchors.items()}
    assert read_checkpoint(said["jws"], keys).root == second.root
    proof = [bytes.fromhex(one) for one in path]
    require_consistent(first.size, first.root, second.size, second.root, proof)


async def test_an_auditor_pages_filters_and_proves_entries(world: World) -> None:
    auditor = await make_auditor(world)
    rig = rig_at(world)
    await rig.grow(7)
    size = (await asked(auditor, "checkpoints"))["items"][-1]["size"]

    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await asked(auditor, f"entries?limit=3{cursor and f'&cursor={cursor}'}")
        found += page["items"]
        cursor = page["next_cursor"]

    assert [one["index"] for one in found] == list(range(size))[::-1]
    (one,) = (await asked(auditor, "entries?subject=thing:4"))["items"]
    assert one["details"] == {"to": "done"}
    assert len((await asked(auditor, "entries?action=thing.changed"))["items"]) == 7
    assert (await asked(auditor, "entries?since=2030-01-01T00:00:00"))["items"] == []
    proof = await asked(auditor, f"entries/{one['index']}/inclusion")
    leaf = hash_leaf(proof["record"].encode())
    path = [bytes.fromhex(each) for each in proof["path"]]
    root = require_included(leaf, one["index"], proof["size"], path)
    assert root.hex() == proof["checkpoint"]["root"]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("entries/3/inclusion?size=2", 422),
        ("entries/3/inclusion?size=5", 404),
        ("entries/999/inclusion", 404),
        ("entries/-1/inclusion", 422),
        ("consistency?from=3&to=2", 422),
        ("consistency?from=3&to=999", 404),
        ("entries?cursor=99999999999999999999", 422),
        ("entries?limit=101", 422),
    ],
)
async def test_what_cannot_be_proved_is_refused(
    quick_world: World, target: str, status: int
) -> None:
    auditor = await make_auditor(quick_world)
    await rig_at(quick_world).grow(3)

    assert (await get(auditor, target)).status_code == status


async def test_an_entry_waits_for_its_checkpoint(quick_world: World) -> None:
    auditor = await make_auditor(quick_world)
    rig = rig_at(quick_world)
    await rig.grow(1)
    await rig.add(1)
    size = (await rig.keep()).checkpoint.size  # type: ignore[union-attr]

    answer = await get(auditor, f"entries/{size}/inclusion")

    assert answer.status_code == 409
    assert answer.json()["code"] == "audit_proof_pending"


async def test_entries_are_for_auditors_and_operators_only(quick_world: World) -> None:
    await rig_at(quick_world).grow(1)
    nobody = Payer(quick_world, "tran.thi.b")
    await nobody.open_account()
    await nobody.sign_in()

    for target in ("entries", "entries/0/inclusion", "checkpoints"):
        assert (await get(nobody, target)).status_code == 403
        unsigned = await quick_world.http.get(f"/v1/audit/{target}")
        assert unsigned.status_code == 401


async def test_an_auditor_of_one_agency_reads_no_entries_of_all(quick_world: World) -> None:
    await rig_at(quick_world).grow(1)
    auditor = await make_auditor(quick_world, agency="H19.25")

    assert (await get(auditor, "entries")).status_code == 403
    assert (await get(auditor, "entries/0/inclusion")).status_code == 403
    assert (await get(auditor, "checkpoints")).status_code == 200


async def test_a_portal_reads_checkpoints_with_its_signature(quick_world: World) -> None:
    await rig_at(quick_world).grow(1)

    answer = await quick_world.send(quick_world.read("/v1/audit/checkpoints?after=0"))

    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 1


async def test_entries_leave_as_a_table_that_no_spreadsheet_computes(quick_world: World) -> None:
    auditor = await make_auditor(quick_world, Role.OPERATOR)
    await rig_at(quick_world).grow(2)

    answer = await get(auditor, "entries?format=csv&action=thing.changed")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.headers["content-type"].startswith("text/csv")
    assert {row["subject"] for row in rows} == {"thing:1", "thing:0"}
    assert rows[0]["details"] == '{"to":"done"}'


def test_a_cell_that_would_be_a_formula_is_text() -> None:
    body = EntryBody.model_validate(
        {
            "index": 0,
            "id": "1",
            "at": "2026-11-23T00:00:00Z",
            "action": "a.b",
            "actor": "=1+1",
            "subject": "@x",
            "details": {},
            "leaf_hash": "",
        }
    )

    assert ",'=1+1,'@x," in entries_csv([body]).decode("utf-8-sig")


async def test_a_period_is_cut_from_since_up_to_without_until(quick_world: World) -> None:
    auditor = await make_auditor(quick_world)
    rig = rig_at(quick_world)
    await rig.grow(1)
    start = quick_world.clock.now()
    await rig.grow(1)
    quick_world.clock.advance(timedelta(seconds=1))
    await rig.grow(1)

    mark = start.isoformat().replace("+00:00", "Z")
    end = (start + timedelta(seconds=5)).isoformat().replace("+00:00", "Z")
    found = await asked(auditor, f"entries?since={mark}&until={end}&action=thing.changed")

    assert len(found["items"]) == 1

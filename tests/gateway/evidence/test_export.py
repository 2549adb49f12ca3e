"""What an export waits for, and for how long; what it does when something is not to be had."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from chassis.duties import Reach
from gateway.use_cases.evidence.export_evidence import ExportTools, export_evidence
from tests.gateway.evidence.rig import EvidenceRig, unpack
from tests.gateway.evidence.stamping import stamp_newest
from tests.gateway.world import PAYMENT_INTENT_ID


class Patience:
    """Time that passes as it is waited for; the log is kept at its `kept_after`th look."""

    def __init__(self, rig: EvidenceRig, *, kept_after: int) -> None:
        self._rig = rig
        self._kept_after = kept_after
        self.waited: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)
        if len(self.waited) == self._kept_after:
            await self._rig.keep_log()


async def export(rig: EvidenceRig, patience: Patience) -> dict[str, bytes]:
    tools: ExportTools = rig.world.app.state.tools.exporting
    bundle = await export_evidence(
        UUID(PAYMENT_INTENT_ID),
        reach=Reach.of_client("portal-demo"),
        uow=rig.log.uow(),
        tools=replace(tools, wait_seconds=2.0, pause=patience),
    )
    return unpack(bundle)


async def test_records_without_a_place_are_waited_for_a_moment(rig: EvidenceRig) -> None:
    await rig.submit()
    patience = Patience(rig, kept_after=3)

    files = await export(rig, patience)

    assert patience.waited == [0.25] * 3
    assert json.loads(files["manifest.json"])["audit"] == "included"
    assert "audit/1-dossier-submission.json" in files


async def test_the_wait_is_two_seconds_at_most_and_then_says_so(rig: EvidenceRig) -> None:
    await rig.submit()
    patience = Patience(rig, kept_after=-1)

    files = await export(rig, patience)

    assert sum(patience.waited) == 2.0
    assert json.loads(files["manifest.json"])["audit"] == "pending"
    assert not [name for name in files if name.startswith("audit/")]


async def test_nothing_is_waited_for_when_everything_has_its_place(rig: EvidenceRig) -> None:
    await rig.travel()
    patience = Patience(rig, kept_after=-1)

    await export(rig, patience)

    assert patience.waited == []


async def test_no_fee_waits_for_an_authority_that_is_down(rig: EvidenceRig) -> None:
    rig.have_stamped()
    rig.stamps.down = True
    await rig.travel()

    manifest = json.loads(unpack(await rig.export())["manifest.json"])

    assert (manifest["time_stamp"], manifest["audit"]) == ("none", "included")


@pytest.mark.parametrize("stamped", [True, False])
async def test_the_stamp_is_over_the_checkpoint_or_else_over_the_files(
    rig: EvidenceRig, stamped: bool
) -> None:
    rig.have_stamped()
    await rig.travel()
    if stamped:
        await stamp_newest(rig)
    before = len(rig.stamps.stamped)

    files = unpack(await rig.export())

    name = "checkpoint" if stamped else "files"
    assert [one for one in files if one.startswith("timestamps/")] == [f"timestamps/{name}.tst"]
    assert len(rig.stamps.stamped) - before == (0 if stamped else 1)


async def test_the_same_moment_gives_the_same_bundle_but_for_its_signature(
    rig: EvidenceRig,
) -> None:
    await rig.travel()

    one, other = unpack(await rig.export()), unpack(await rig.export())

    del one["manifest.jws"], other["manifest.jws"]
    assert one == other


async def test_a_key_is_told_with_its_history_and_without_who_tended_it(rig: EvidenceRig) -> None:
    await rig.submit()
    files = unpack(await rig.export())
    ((_, said),) = ((n, json.loads(raw)) for n, raw in files.items() if n.startswith("keys/"))

    assert (said["client_id"], said["state"], said["revoked_at"]) == ("portal-demo", "active", None)
    assert said["from"] < said["until"]
    assert [one["action"] for one in said["history"]]
    assert all(one.keys() == {"action", "at", "state"} for one in said["history"])

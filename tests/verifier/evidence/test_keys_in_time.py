"""Keys rotate, are revoked and run out; what they signed in their time still counts."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from tests.gateway.evidence.rig import EvidenceRig
from tests.gateway.evidence.stamping import stamp_newest
from tests.verifier.evidence.judging import failures, judge

YEARS_LATER = timedelta(days=365 * 25)
ROTATED = (
    "clients/portal-demo",
    "clients/bank-sandbox",
    "gateway/evidence",
    "gateway/answers",
    "gateway/checkpoints",
    "sandbox-authority/tsa",
)


def rotate(var_dir: Path, clock: FrozenClock) -> None:
    """New keys in place of the old ones, whose public halves stay among the anchors."""
    keys = var_dir / "keys"
    for name in ROTATED:
        for ending in (".key.pem", ".pub.pem", ".pem"):
            (keys / f"{name}{ending}").unlink(missing_ok=True)
    ensure_development_keys(var_dir, clock=clock)


async def test_after_rotations_and_expired_certificates_an_old_bundle_still_holds(
    rig: EvidenceRig,
) -> None:
    await rig.travel("remote-signature")
    await stamp_newest(rig)
    bundle, before = await rig.export(), rig.anchors()
    clock = rig.world.clock

    for _ in range(3):
        clock.advance(YEARS_LATER / 3)
        rotate(rig.world.settings.var_dir, clock)
    after = {**rig.anchors(), "clients": ended(rig.anchors()["clients"], at=clock.now())}

    assert len(after["evidence_keys"]) == len(after["checkpoint_keys"]) == 4
    assert len(after["clients"]["portal-demo"]) == 4
    assert rig.trusted.person.certificate.not_valid_after_utc < clock.now()
    assert failures(bundle, after) == {}
    assert judge(bundle, after).items == judge(bundle, before).items


def ended(clients: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """As `lephi keys export` writes them: every key long over, and in the end revoked too."""
    return {
        client: {
            key_id: {
                "jwk": jwk,
                "from": "2026-11-22T00:00:00+00:00",
                "until": "2027-11-23T00:00:00+00:00",
                "revoked_at": at.isoformat(),
            }
            for key_id, jwk in keys.items()
        }
        for client, keys in clients.items()
    }


def told(anchors: dict[str, Any], **entry: datetime | None) -> dict[str, Any]:
    """The portal's key, with what an auditor knows of its time."""
    ((key_id, jwk),) = anchors["clients"]["portal-demo"].items()
    said = {name: at.isoformat() for name, at in entry.items() if at is not None}
    known = {key_id: {"jwk": jwk, **said}}
    return {**anchors, "clients": {**anchors["clients"], "portal-demo": known}}


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("name", "before", "said"),
    [
        ("revoked_at", True, "the key was revoked before"),
        ("revoked_at", False, None),
        ("until", True, "the key's time was over"),
        ("until", False, None),
        ("from", True, None),
        ("from", False, "the key did not count yet"),
    ],
)
async def test_a_key_counts_from_its_beginning_to_its_end(
    rig: EvidenceRig, name: str, before: bool, said: str | None
) -> None:
    at = rig.world.clock.now()
    await rig.submit()
    bundle = await rig.export()
    step = -SECOND if before else SECOND

    failed = failures(bundle, told(rig.anchors(), **{name: at + step}))

    assert set(failed.values()) == ({said} if said else set())


async def test_a_key_revoked_at_that_very_moment_no_longer_counts(rig: EvidenceRig) -> None:
    at = rig.world.clock.now()
    await rig.submit()

    failed = failures(await rig.export(), told(rig.anchors(), revoked_at=at))

    assert set(failed.values()) == {"the key was revoked before"}


async def test_a_key_of_another_client_counts_for_nothing(rig: EvidenceRig) -> None:
    await rig.travel()
    anchors = rig.anchors()
    exchanged = {
        "portal-demo": anchors["clients"]["bank-sandbox"],
        "bank-sandbox": anchors["clients"]["portal-demo"],
    }

    failed = failures(await rig.export(), {**anchors, "clients": exchanged})

    assert {detail.split(" is ")[1] for detail in failed.values()} == {
        "not known to have signed with this key"
    }

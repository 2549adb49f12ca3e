"""The main job, from nothing, in both ways to run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.main import JOURNEY, take_journey
from tests.e2e.stage import ROOT, Stage

pytestmark = pytest.mark.e2e
SECONDS_MAX = 240


def test_lephi_demo_does_the_whole_job_as_one_process(tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--out", str(out), "--var-dir", str(tmp_path / "var"))
    demo = subprocess.run(
        [sys.executable, "-m", "deploy", "demo", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
        cwd=ROOT,
    )

    assert demo.returncode == 0, demo.stdout + demo.stderr
    journey = json.loads((out / "journey.json").read_text())
    assert journey["passed"] is True
    assert [step["title"] for step in journey["steps"]] == [step.title for step in JOURNEY]
    assert all(step["checks"] for step in journey["steps"])
    left = {path.name for path in out.iterdir()}
    assert left >= {"slip.pdf", "receipt.xml", "receipt.pdf", "evidence.zip", "001.eml"}


def test_the_demo_says_plainly_when_no_services_run(tmp_path: Path) -> None:
    options = ("--mode", "services", "--base-port", "1", "--out", str(tmp_path / "out"))
    demo = subprocess.run(
        [sys.executable, "-m", "deploy", "demo", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
        cwd=ROOT,
    )

    assert demo.returncode == 1
    assert "make up" in demo.stdout


@pytest.mark.integration
async def test_the_whole_job_over_services_postgresql_and_rabbitmq(stage: Stage) -> None:
    stage.place.out.mkdir(exist_ok=True)

    assert await take_journey(stage.place) is None

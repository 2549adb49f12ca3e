import json
from pathlib import Path

import pytest

from deploy.demo.journey import (
    Report,
    Step,
    StepFailed,
    eventually,
    travel,
    write_journey,
)
from deploy.demo.telling import PlainTeller

Seen = list[str]


async def walk(seen: Seen, report: Report) -> None:
    seen.append("walked")
    report.check(True, "it walked")


async def stumble(seen: Seen, report: Report) -> None:
    seen.append("stumbled")
    report.found("it began")
    report.check(len(seen) == 0, "nothing happened before", found=seen)


async def test_every_step_is_taken_shown_and_timed(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [Step[Seen]("Walk", walk), Step[Seen]("Walk on", walk)]
    reports, failure = await travel(steps, [], PlainTeller(2))

    shown = capsys.readouterr().out
    assert failure is None
    assert [report.checks for report in reports] == [["it walked"], ["it walked"]]
    assert all(report.milliseconds >= 0 for report in reports)
    assert "[2/2] Walk on" in shown
    assert "+ it walked" in shown


async def test_the_first_failure_ends_the_journey_and_says_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    seen: Seen = []
    steps = [Step[Seen]("Walk", walk), Step[Seen]("Stumble", stumble), Step[Seen]("Walk", walk)]
    reports, failure = await travel(steps, seen, PlainTeller(3))
    write_journey(tmp_path / "journey.json", reports, failure=failure, facts={"a": 1})

    written = json.loads((tmp_path / "journey.json").read_text())
    assert seen == ["walked", "stumbled"]
    assert failure is not None
    assert "nothing happened before" in failure
    assert "FAILED" in capsys.readouterr().out
    assert (written["passed"], len(written["steps"]), written["facts"]) == (False, 2, {"a": 1})


async def test_waiting_ends_with_the_name_of_what_did_not_happen() -> None:
    async def look() -> bool | None:
        return None

    with pytest.raises(StepFailed, match="The receipt did not happen"):
        await eventually(look, what="The receipt", seconds=0.1)

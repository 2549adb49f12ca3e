import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chassis.clock import SystemClock
from deploy.cli import app

REASONS = ("--reason-vi", "Nâng cấp", "--reason-en", "Upgrade", "--as", "Vũ Văn Hành")


@pytest.fixture
def run(empty_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    copied = tmp_path / "gateway.sqlite"
    shutil.copy(empty_file, copied)
    monkeypatch.setenv("GATEWAY_DATABASE_URL", f"sqlite+aiosqlite:///{copied}")
    return CliRunner()


def stop_in(hours: int, *, lasting: int = 2) -> tuple[str, str]:
    start: datetime = SystemClock().now() + timedelta(hours=hours)
    return start.isoformat(), (start + timedelta(hours=lasting)).isoformat()


def test_an_operator_announces_lists_and_calls_off_a_stop(run: CliRunner) -> None:
    announced = run.invoke(app, ["maintenance", "announce", *stop_in(30), *REASONS])
    assert announced.exit_code == 0, announced.output
    window_id = announced.output.split()[1]

    listed = run.invoke(app, ["maintenance", "list"])
    cancelled = run.invoke(app, ["maintenance", "cancel", window_id, "--as", "Vũ Văn Hành"])
    again = run.invoke(app, ["maintenance", "cancel", window_id, "--as", "Vũ Văn Hành"])

    assert window_id in listed.output
    assert cancelled.exit_code == 0
    assert (again.exit_code, "cancelled" in again.output) == (1, True)


@pytest.mark.parametrize(
    ("times", "code"),
    [
        (stop_in(30, lasting=4), 1),
        (stop_in(1), 1),
        (("2026-11-28T23:00:00", "2026-11-29T00:00:00"), 2),
        (("tomorrow", "later"), 2),
    ],
)
def test_a_stop_that_breaks_a_rule_is_refused(
    run: CliRunner, times: tuple[str, str], code: int
) -> None:
    assert run.invoke(app, ["maintenance", "announce", *times, *REASONS]).exit_code == code

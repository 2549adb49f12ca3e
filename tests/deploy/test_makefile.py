"""What the README tells people to type does what it says."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def recipe(*words: str) -> str:
    """What `make` would run."""
    said = subprocess.run(
        ["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return said.stdout


def test_the_demo_runs_where_it_is_told_to() -> None:
    assert "--mode embedded" in recipe("demo")
    assert "--mode services" in recipe("demo", "MODE=services")
    assert "--base-port 8700" in recipe("demo", "MODE=services", "base_port=8700")

"""A real journey's bundle, judged where there is no network at all, not even loopback."""

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from deploy.demo.main import take_journey
from deploy.demo.platform import embedded_platform
from deploy.verifier.anchors import Anchors
from deploy.verifier.evidence_bundle import verify_bundle
from gateway.domain.evidence.bundle import pack
from tests.gateway.evidence.rig import unpack
from tests.verifier.evidence.judging import flipped

ROOT: Final = Path(__file__).parents[3]
TRIED_OF_AN_ITEM: Final = 150
# Says whether anything can be reached, then becomes the command, in the same namespace.
INSIDE: Final = """
import os, socket, sys
for family, address in ((socket.AF_INET, ("127.0.0.1", 1)), (socket.AF_INET, ("192.0.2.1", 443))):
    with socket.socket(family) as probe:
        probe.settimeout(2)
        # Refused would mean that there is an interface to be refused on.
        code = probe.connect_ex(address)
        print("reached" if code in (0, 111) else f"unreachable {code}", file=sys.stderr)
os.execv(sys.executable, [sys.executable, "-m", "deploy", *sys.argv[1:]])
"""


@dataclass(frozen=True)
class Journey:
    out: Path
    anchors: Path

    @property
    def bundle(self) -> bytes:
        return (self.out / "evidence.zip").read_bytes()


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """From the dossier to the receipts, through the platform in one process and the bank."""
    folder = tmp_path_factory.mktemp("journey")
    out = folder / "out"
    out.mkdir()
    with embedded_platform(folder / "var", out) as place:
        failure = asyncio.run(take_journey(place))
    assert failure is None, failure
    return Journey(out, folder / "var" / "trust" / "anchors.json")


def verify_apart(journey: Journey, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """The command in a network namespace of its own, in which no interface is up."""
    command = [
        *("unshare", "-rn", sys.executable, "-c", INSIDE, "verify"),
        *(*arguments, "--anchors", str(journey.anchors), "--json"),
    ]
    ran = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


def test_a_bundle_is_proved_without_any_network(journey: Journey) -> None:
    code, (said,), heard = verify_apart(journey, "bundle", str(journey.out / "evidence.zip"))

    assert heard.count("unreachable") == 2
    assert "reached" not in heard.replace("unreachable", "")
    assert (code, said["valid"], said["kind"]) == (0, True, "evidence bundle")
    lines = {item["name"]: item for item in said["items"]}
    assert {"manifest", "keys", "confirmation", "amounts", "audit/checkpoint.json"} <= lines.keys()
    assert any(name.startswith("timestamps/") for name in lines)
    assert lines["evidence level"]["note"] is True
    assert "P1" in lines["evidence level"]["detail"]


def test_what_does_not_hold_and_what_cannot_be_read_are_told_apart(
    journey: Journey, tmp_path: Path
) -> None:
    files = unpack(journey.bundle)
    changed, text = tmp_path / "changed.zip", tmp_path / "letter.txt"
    changed.write_bytes(pack({**files, "shown.txt": files["shown.txt"] + b" "}))
    text.write_bytes(b"Dear auditor")

    assert verify_apart(journey, "bundle", str(changed))[0] == 1
    assert verify_apart(journey, "bundle", str(text))[0] == 2
    assert verify_apart(journey, "bundle", str(journey.out / "receipt.xml"))[0] == 2
    assert verify_apart(journey, str(journey.out / "receipt.xml"))[0] == 0


def test_changed_bytes_of_every_item_are_found_in_a_real_journeys_bundle(journey: Journey) -> None:
    files = unpack(journey.bundle)
    trusted = Anchors.of(journey.anchors)

    tried, unnoticed = 0, []
    for name, content in files.items():
        for place in range(0, len(content), 1 + len(content) // TRIED_OF_AN_ITEM):
            changed = pack({**files, name: flipped(content, place)})
            tried += 1
            if verify_bundle(changed, trusted).valid:
                unnoticed.append((name, place))

    print(f"{tried} changed bytes in {len(files)} items, PDFs among them")
    assert any(name.endswith(".pdf") for name in files)
    assert unnoticed == []

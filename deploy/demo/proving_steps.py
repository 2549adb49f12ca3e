"""The last part: proof for years, checked by a program that asks nobody."""

import asyncio
import json
import os
import re
import sys
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from deploy.demo.context import Demo
from deploy.demo.journey import Report, StepFailed

PROVED: Final = ("receipt.xml", "receipt.pdf", "evidence.zip")


async def prove(demo: Demo, report: Report) -> None:
    """`lephi verify` holds the three documents good, and none of them with a byte changed."""
    reply = await demo.portal.get(f"{demo.intent_path}/evidence")
    if reply.status_code != 200:
        raise StepFailed(f"The evidence answered {reply.status_code}: {reply.text[:500]}")
    out = demo.place.out
    (out / "evidence.zip").write_bytes(reply.content)
    with ZipFile(BytesIO(reply.content)) as bundle:
        report.found(f"the evidence bundle holds {len(bundle.namelist())} files")
    altered = out / "altered"
    altered.mkdir(exist_ok=True)
    for name in PROVED:
        (altered / name).write_bytes(alter(name, (out / name).read_bytes()))
    good, bad = await asyncio.gather(
        _verify(demo, [out / name for name in PROVED]),
        _verify(demo, [altered / name for name in PROVED]),
    )
    for name, verdict in zip(PROVED, good, strict=True):
        report.check(
            verdict["valid"] is True,
            f"lephi verify {name}: valid, {len(verdict.get('items', []))} item(s) checked",
            found=verdict,
        )
    for item in good[-1].get("items", []):
        if item["name"].startswith(("audit/checkpoint", "timestamps/", "evidence level")):
            report.found(f"{item['name']}: {item['detail']}")
    for name, verdict in zip(PROVED, bad, strict=True):
        report.check(
            verdict["valid"] is False,
            f"{name} with a change: invalid ({_first_fault(verdict)})",
            found=verdict,
        )


def alter(name: str, content: bytes) -> bytes:
    """The same document but for one byte, in a place where it still opens."""
    if name.endswith(".xml"):
        return _turn_a_digit(content)
    if name.endswith(".zip"):
        return _alter_in_bundle(content)
    # In a PDF: a byte of the first stream, which is page content or a picture.
    position = content.index(b"stream\n") + 20
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


def _turn_a_digit(content: bytes) -> bytes:
    # Signed text, not markup: the first number of two digits or more between two tags.
    found = re.search(rb">(\d{2,})<", content)
    if found is None:
        raise StepFailed("The receipt's XML holds no number to alter")
    position = found.end(1) - 1
    digit = b"1" if content[position : position + 1] == b"0" else b"0"
    return content[:position] + digit + content[position + 1 :]


def _alter_in_bundle(content: bytes) -> bytes:
    packed = BytesIO()
    with ZipFile(BytesIO(content)) as bundle, ZipFile(packed, "w") as copy:
        for entry in bundle.infolist():
            inside = bundle.read(entry)
            if entry.filename == "intent.json":
                # A tenfold amount may be read as well as the right one, but it was never signed.
                inside = re.sub(rb'("amount":"\d+)', rb"\g<1>0", inside, count=1)
            copy.writestr(entry, inside)
    return packed.getvalue()


async def _verify(demo: Demo, files: list[Path]) -> list[dict[str, Any]]:
    """The command, as anyone would run it: another process, told only whom to trust."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy", "verify", "--json", *map(str, files),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LEPHI_ANCHORS": str(demo.place.anchors)},
    )  # fmt: skip
    said, complaints = await process.communicate()
    verdicts = [json.loads(line) for line in said.splitlines()]
    if len(verdicts) != len(files):
        raise StepFailed(f"lephi verify gave up: {complaints.decode(errors='replace')[-600:]}")
    return verdicts


def _first_fault(verdict: dict[str, Any]) -> str:
    faults = [item["detail"] for item in verdict.get("items", []) if not item["valid"]]
    return str(faults[0]) if faults else "without a reason"

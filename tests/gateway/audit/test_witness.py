"""`lephi witness` as a real process, and the gateway's side of the talk."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.demo.platform import free_ports
from deploy.witness.main import create_witness
from gateway.ports.audit import WitnessRefuses, WitnessUnavailable
from gateway.providers.witnesses import HttpWitness, read_witnesses
from gateway.storage.audit.tables import AUDIT_COSIGNATURE
from tests.gateway.audit.rig import Rig
from tests.waiting import until

ROOT = Path(__file__).parents[3]


@dataclass
class Running:
    url: str
    directory: Path
    var_dir: Path
    http: httpx.AsyncClient
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        port = self.url.rpartition(":")[2]
        anchors = self.var_dir / "trust" / "anchors.json"
        arguments = ["--port", port, "--dir", str(self.directory), "--name", "bank"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy", "witness", *arguments, "--anchors", str(anchors)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    async def wait(self) -> None:
        await until(self.is_up, is_now=True, seconds_max=30)

    async def is_up(self) -> bool:
        try:
            return (await self.http.get(f"{self.url}/key")).status_code == 200
        except httpx.HTTPError:
            return False

    async def witness(self) -> HttpWitness:
        jwk = (await self.http.get(f"{self.url}/key")).json()["jwk"]
        return HttpWitness("bank", f"{self.url}/v1/checkpoints", jwk, self.http)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
async def running(rig: Rig, var_dir: Path, tmp_path: Path) -> AsyncIterator[Running]:
    (port,) = free_ports(1)
    async with httpx.AsyncClient(trust_env=False) as http:
        made = Running(f"http://127.0.0.1:{port}", tmp_path / "bank", var_dir, http)
        made.start()
        try:
            await made.wait()
            rig.witnesses = [await made.witness()]
            yield made
        finally:
            made.kill()


@pytest.fixture
async def near(rig: Rig, var_dir: Path, tmp_path: Path) -> AsyncIterator[Running]:
    """The same program within this process, where nothing is killed."""
    anchors = var_dir / "trust" / "anchors.json"
    app = create_witness(tmp_path / "bank", name="bank", anchors=anchors, clock=rig.clock)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as http:
        made = Running("http://witness", tmp_path / "bank", var_dir, http)
        rig.witnesses = [await made.witness()]
        yield made


async def test_it_signs_what_extends_what_it_saw_and_refuses_a_fork_even_after_a_crash(
    rig: Rig, running: Running
) -> None:
    await rig.grow(5)
    gauges = await rig.grow(4)
    assert gauges.witnessed_sizes == {"bank": 9}

    running.kill()
    assert (await rig.grow(3)).witnessed_sizes == {"bank": 9}, "it is away: the log goes on"
    running.start()
    await running.wait()
    assert (await rig.keep()).witnessed_sizes == {"bank": 12}
    assert gauges.alarms == []

    # The log forgets everything and grows again: another one, signed by the same key.
    await rig.tamper(
        "DELETE FROM audit_cosignature",
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_node",
        "DELETE FROM audit_leaf",
    )
    await rig.grow(20)

    assert any("bank" in alarm for alarm in gauges.alarms)
    assert gauges.witnessed_sizes == {"bank": 12}
    seen = (running.directory / "checkpoints.jsonl").read_text().splitlines()
    assert len(seen) == 3


async def test_an_answer_that_got_lost_is_asked_for_again(rig: Rig, near: Running) -> None:
    await rig.grow(5)
    await rig.tamper("DELETE FROM audit_cosignature")

    gauges = await rig.grow(2)

    assert gauges.alarms == []
    async with rig.database.read() as connection:
        rows = (await connection.execute(AUDIT_COSIGNATURE.select())).all()
    assert [row.size for row in rows] == [7]


async def test_a_log_that_shrank_below_what_the_witness_saw_is_an_alarm(
    rig: Rig, near: Running
) -> None:
    await rig.grow(8)
    await rig.tamper(
        "DELETE FROM audit_cosignature",
        "DELETE FROM audit_checkpoint",
        'DELETE FROM audit_node WHERE level > 1 OR "index" > 0',
        'DELETE FROM audit_leaf WHERE "index" > 1',
    )

    gauges = await rig.grow(1)

    assert any("holds a checkpoint of 8" in alarm for alarm in gauges.alarms)


def answering(status: int, said: bytes) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _request: httpx.Response(status, content=said))
    )


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (500, b"{}", WitnessUnavailable),
        (200, b"{}", WitnessUnavailable),
        (200, b"not json", WitnessUnavailable),
        (200, b'{"cosignature":"a.b.c"}', WitnessUnavailable),
        (200, b" " * 10_000, WitnessUnavailable),
        (422, b'{"reason":"no"}', WitnessRefuses),
    ],
)
async def test_what_a_witness_answers_is_not_believed_without_its_signature(
    rig: Rig, near: Running, status: int, said: bytes, error: type[Exception]
) -> None:
    await rig.grow(3)
    signed = await latest(rig)
    jwk = (await near.http.get(f"{near.url}/key")).json()["jwk"]
    async with answering(status, said) as http:
        with pytest.raises(error):
            await HttpWitness("bank", "http://w/", jwk, http).show(signed, since=0, proof=[])


async def test_a_signature_over_another_checkpoint_is_worth_nothing(
    rig: Rig, near: Running
) -> None:
    await rig.grow(3)
    first = (near.directory / "checkpoints.jsonl").read_text().splitlines()[0]
    await rig.grow(3)
    jwk = (await near.http.get(f"{near.url}/key")).json()["jwk"]
    async with answering(200, first.encode()) as http:
        with pytest.raises(WitnessUnavailable, match="something else"):
            signed = await latest(rig)
            await HttpWitness("bank", "http://w/", jwk, http).show(signed, since=0, proof=[])


async def latest(rig: Rig):  # type: ignore[no-untyped-def]
    uow = rig.uow()
    async with uow:
        return await uow.audit_tree.latest_checkpoint()


async def test_witnesses_are_read_from_their_file(tmp_path: Path, near: Running) -> None:
    key = (await near.http.get(f"{near.url}/key")).json()
    file = tmp_path / "witnesses.json"
    bank = {"name": "bank", "url": f"{near.url}/v1/checkpoints", "jwk": key["jwk"]}
    finance = {"name": "finance", "directory": str(tmp_path / "finance")}
    file.write_text(json.dumps([bank, finance]))

    witnesses, closing = read_witnesses(file)

    assert [one.name for one in witnesses] == ["bank", "finance"]
    for close in closing:
        await close()
    file.write_text(json.dumps([bank, bank]))
    with pytest.raises(ValueError, match="different names"):
        read_witnesses(file)

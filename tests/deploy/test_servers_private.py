"""Private servers: on loopback only, closed to others, gone when told, with their data kept."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from chassis.rabbitmq import RabbitTransport
from chassis.transport import Outgoing
from deploy import servers
from deploy.processes import recall
from deploy.servers.reach import apart, connect, execute, why_no_postgres, why_no_rabbitmq
from tests.broker.desk import Desk, event

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("var")
    yield folder
    servers.remove(folder)


@pytest.fixture
def private(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> servers.Servers:
    for name in ("LEPHI_POSTGRES_URL", "LEPHI_RABBITMQ_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LEPHI_SERVERS", "private")
    return servers.ensure(var_dir, say=lambda _: None)


def test_both_answer_and_a_second_call_finds_them_running(
    private: servers.Servers, var_dir: Path
) -> None:
    assert why_no_postgres(private.postgres_url) is None
    assert why_no_rabbitmq(private.rabbitmq_url) is None

    again = servers.ensure(var_dir, say=lambda _: None)

    assert again.started == ()
    assert (again.postgres_url, again.rabbitmq_url) == (private.postgres_url, private.rabbitmq_url)


def test_they_listen_on_loopback_only(private: servers.Servers) -> None:
    outward = own_address()
    for url in (private.postgres_url, private.rabbitmq_url):
        port = make_url(url).port
        with pytest.raises(OSError), socket.create_connection((outward, port or 0), 1):  # noqa: PT011
            pass


def test_they_ask_for_a_password(private: servers.Servers) -> None:
    for url, why_not in (
        (private.postgres_url, why_no_postgres),
        (private.rabbitmq_url, why_no_rabbitmq),
    ):
        wrong = make_url(url).set(password="wrong").render_as_string(hide_password=False)
        assert why_not(wrong)


def test_records_of_where_they_are_can_be_read_by_their_owner_only(
    private: servers.Servers, var_dir: Path
) -> None:
    for name in ("postgres.json", "rabbitmq.json"):
        assert (var_dir / "servers" / name).stat().st_mode & 0o077 == 0


def test_a_stop_and_a_start_lose_nothing(private: servers.Servers, var_dir: Path) -> None:
    apart(lambda: execute(private.postgres_url, "CREATE TABLE kept (a int)"))
    apart(lambda: publish_one(private.rabbitmq_url))
    processes = [
        process
        for name in ("postgres.json", "rabbitmq.json")
        for process in recall(var_dir / "servers" / name)[0]
    ]
    assert len(processes) == 3

    servers.stop(var_dir, say=lambda _: None)

    assert not any(process.is_running() for process in processes)
    again = servers.ensure(var_dir, say=lambda _: None)
    assert set(again.started) == {"PostgreSQL", "RabbitMQ"}
    assert apart(lambda: count_kept(again.postgres_url)) == 0
    assert apart(lambda: hear_one(again.rabbitmq_url)) == [b"kept"]


async def publish_one(url: str) -> None:
    transport = await RabbitTransport.connect(url, prefix="kept")
    said: Outgoing = event(b"kept")
    await transport.prepare("reader", [said.type])
    await transport.publish([said])
    await transport.close()


async def hear_one(url: str) -> list[bytes]:
    transport, desk = await RabbitTransport.connect(url, prefix="kept"), Desk()
    await transport.subscribe("reader", [event().type], desk.take)
    await desk.see(1)
    await transport.close()
    return desk.bodies


async def count_kept(url: str) -> int:
    connection = await connect(url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM kept"))
    finally:
        await connection.close()


def own_address() -> str:
    """An address of this machine that is not loopback. Nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.2"
        return str(probe.getsockname()[0])

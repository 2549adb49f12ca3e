"""Every service as its own process on this machine, over PostgreSQL and RabbitMQ."""

import re
import shlex
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from chassis.ids import SystemIds
from chassis.rabbitmq import RabbitTransport
from deploy import local_databases, servers
from deploy.commands.houses import HOUSES, SERVICES
from deploy.development_keys import ensure_development_keys
from deploy.event_table import all_types
from deploy.prepare import prepare
from deploy.processes import Program, Started, recall, remember, start, tail
from deploy.processes import stop as stop_processes
from deploy.servers.reach import apart
from deploy.stack import BANK, HOST, PORTS_PER_STACK, Stack
from gateway.settings import GatewaySettings
from services.catalog.settings import CatalogSettings

PREFIX: Final = re.compile(r"^[a-z][a-z0-9_]{0,30}$")
START_SECONDS_MAX: Final = 90
STOP_SECONDS_MAX: Final = 15
LOOK_AGAIN_SECONDS: Final = 0.2

Say = Callable[[str], None]


class NotStarted(Exception):
    """Says which program did not start, with the end of its log."""


def up(
    *,
    base_port: int = 8400,
    prefix: str = "lephi",
    var_dir: Path = Path("var"),
    found: servers.Servers | None = None,
    extra: Mapping[str, str] | None = None,
    say: Say = print,
) -> Stack:
    """Start everything and return when all of it answers; whatever fails takes all down again."""
    if not PREFIX.match(prefix):
        raise NotStarted(f"The prefix {prefix!r} must look like a database name, e.g. lephi.")
    var_dir = var_dir.resolve()
    already, facts = recall(_record(var_dir))
    if any(map(Started.is_running, already)):
        raise NotStarted(f"Already running on port {facts['base_port']}; first: make down")
    _require_free_ports(base_port)
    ensure_development_keys(var_dir)
    found = found or servers.ensure(var_dir, say=say)
    stack = Stack(
        base_port=base_port,
        prefix=prefix,
        var_dir=var_dir,
        postgres_url=found.postgres_url,
        rabbitmq_url=found.rabbitmq_url,
        passwords={house: SystemIds().token() for house in HOUSES},
        extra=extra or {},
    )
    say("databases, tables and queues; the published fees; the registered clients")
    local_databases.make(stack)
    apart(lambda: prepare(gateway=_gateway(stack), catalog=_catalog(stack)))
    _write_environment(stack)
    _start_all(stack, say)
    say("")
    say(f"gateway        {stack.url('gateway')}   documentation {stack.url('gateway')}/docs")
    say(f"sandbox bank   {stack.url(BANK)}")
    say(f"logs           {_shown(var_dir / 'log')}   environment {_shown(_variables(var_dir))}")
    return stack


def down(var_dir: Path = Path("var"), *, say: Say = print) -> None:
    """Stop what `up` started, and the private servers with it. Databases and queues stay."""
    var_dir = var_dir.resolve()
    processes, _ = recall(_record(var_dir))
    running = [process.name for process in processes if process.is_running()]
    forced = stop_processes(processes, grace_seconds=STOP_SECONDS_MAX)
    _record(var_dir).unlink(missing_ok=True)
    say(f"stopped: {', '.join(running) or 'nothing was running'}")
    if forced:
        say(f"had to be forced: {', '.join(forced)}")
    servers.stop(var_dir, say=say)


def remove(stack: Stack) -> None:
    """What a stack leaves on the servers: its databases, roles, queues and exchanges."""
    local_databases.drop(stack.postgres_url, stack.prefix)

    async def remove_queues() -> None:
        transport = await RabbitTransport.connect(stack.rabbitmq_url, prefix=stack.prefix)
        await transport.delete_everything(HOUSES, all_types())
        await transport.close()

    apart(remove_queues)


def _require_free_ports(base_port: int) -> None:
    """Else a stranger on one of them would be taken for ours."""
    for port in range(base_port, base_port + PORTS_PER_STACK):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise NotStarted(
                    f"Port {port} is in use; free it, or choose others: lephi up --base-port N"
                ) from None


def _gateway(stack: Stack) -> GatewaySettings:
    return GatewaySettings(
        database_url=stack.database_url("gateway"),
        broker_url=stack.rabbitmq_url,
        broker_prefix=stack.prefix,
        keys_dir=stack.var_dir / "keys",
    )


def _catalog(stack: Stack) -> CatalogSettings:
    return CatalogSettings(database_url=stack.database_url("catalog"))


def _start_all(stack: Stack, say: Say) -> None:
    record = _record(stack.var_dir)
    started: list[Started] = []
    try:
        for program in _programs(stack):
            started.append(start(program))
            # Noted one by one: if we are killed now, `down` still finds them all.
            remember(record, started, base_port=stack.base_port, prefix=stack.prefix)
        _wait_for(stack, started, say)
    except BaseException:
        stop_processes(started, grace_seconds=STOP_SECONDS_MAX)
        record.unlink(missing_ok=True)
        raise


def _programs(stack: Stack) -> list[Program]:
    lephi = [sys.executable, "-m", "deploy"]

    def program(name: str, *words: str, house: str | None = None) -> Program:
        return Program(
            name=name,
            command=[*lephi, *words],
            log=_log(stack, name),
            environment=stack.environment_of(house or name),
            folder=Path(__file__).parents[1],
        )

    programs = []
    for house in (*SERVICES, "gateway"):
        port = str(stack.port(house))
        programs.append(program(house, "serve", house, "--host", HOST, "--port", port))
        programs.append(program(f"{house}-worker", "worker", house, house=house))
    keys = stack.var_dir / "keys" / "clients"
    bank_options = {
        "--port": str(stack.port(BANK)),
        "--gateway-url": stack.url("gateway"),
        "--key": str(keys / "bank-sandbox.key.pem"),
        "--ledger": str(stack.var_dir / "run" / f"bank-{stack.prefix}.sqlite"),
    }
    words = [word for option in bank_options.items() for word in option]
    return [*programs, program(BANK, "bank", *words)]


def _wait_for(stack: Stack, started: Sequence[Started], say: Say) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    waiting = [*HOUSES, BANK]
    while waiting:
        _raise_for_the_dead(stack, started)
        for name in [name for name in waiting if _is_ready(stack.url(name))]:
            waiting.remove(name)
            say(f"{name + ':':15}ready on port {stack.port(name)}")
        if time.monotonic() > deadline:
            logs = "\n".join(f"{name}:\n{tail(_log(stack, name))}" for name in waiting)
            raise NotStarted(f"Not ready after {START_SECONDS_MAX} seconds: {logs}")
        time.sleep(LOOK_AGAIN_SECONDS)
    _raise_for_the_dead(stack, started)


def _raise_for_the_dead(stack: Stack, started: Sequence[Started]) -> None:
    for process in started:
        if not process.is_running():
            raise NotStarted(f"{process.name} ended:\n{tail(_log(stack, process.name))}")


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _write_environment(stack: Stack) -> None:
    """For `set -a; . var/run/environment`: then `lephi` speaks to this stack's databases."""
    lines = [f"{name}={shlex.quote(value)}" for name, value in sorted(stack.variables().items())]
    file = _variables(stack.var_dir)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text("\n".join(lines) + "\n")


def _record(var_dir: Path) -> Path:
    return var_dir / "run" / "platform.json"


def _variables(var_dir: Path) -> Path:
    return var_dir / "run" / "environment"


def _log(stack: Stack, name: str) -> Path:
    return stack.var_dir / "log" / f"{name}.log"


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)

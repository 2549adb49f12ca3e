"""A whole platform of its own for tests: services, workers, gateway and bank, then all gone."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy import local_services, processes, servers
from deploy.demo.context import Demo, Place
from deploy.demo.journey import Report, Step
from deploy.demo.platform import free_ports, services_platform
from deploy.stack import PORTS_PER_STACK, Stack

ROOT: Final = Path(__file__).parents[2]
FIRST_PORT, LAST_PORT = 20_000, 32_000
# Each confirmation needs a code of its own, and codes come once in a period.
CODE_PERIOD_SECONDS: Final = 5


@dataclass
class Stage:
    stack: Stack
    place: Place
    _restarted: list[processes.Started] = field(default_factory=list)

    def kill(self, name: str) -> None:
        """No time to say goodbye: SIGKILL, as when a machine loses power."""
        started, _ = processes.recall(self.stack.var_dir / "run" / "platform.json")
        for process in (*started, *self._restarted):
            if process.name == name and process.is_running():
                os.kill(process.pid, signal.SIGKILL)

    def restart_worker(self, house: str) -> None:
        program = processes.Program(
            name=f"{house}-worker",
            command=[sys.executable, "-m", "deploy", "worker", house],
            log=self.stack.var_dir / "log" / f"{house}-worker.log",
            environment=self.stack.environment_of(house),
            folder=ROOT,
        )
        self._restarted.append(processes.start(program))

    def close(self) -> None:
        processes.stop(self._restarted, grace_seconds=15)


@contextmanager
def raise_stage(var_dir: Path, *, prefix: str, found: servers.Servers) -> Iterator[Stage]:
    (smtp_port,) = free_ports(1)
    base_port = free_block()
    stack = local_services.up(
        base_port=base_port,
        prefix=prefix,
        var_dir=var_dir,
        found=found,
        extra={
            "NOTIFICATION_SMTP_PORT": str(smtp_port),
            "GATEWAY_TOTP_PERIOD_SECONDS": str(CODE_PERIOD_SECONDS),
        },
        say=lambda _: None,
    )
    try:
        with services_platform(
            var_dir, var_dir / "out", base_port=base_port, smtp_port=smtp_port
        ) as place:
            stage = Stage(stack, place)
            yield stage
            stage.close()
    finally:
        local_services.down(var_dir, say=lambda _: None)
        local_services.remove(stack)


def free_block() -> int:
    """As many neighbouring ports as a platform takes, none of them in use.

    Where the search begins depends on the process, so that two runs at once do not meet.
    """
    blocks = range(FIRST_PORT, LAST_PORT, PORTS_PER_STACK)
    begin = os.getpid() % len(blocks)
    turned: list[int] = [*blocks[begin:], *blocks[:begin]]
    for base in turned:
        if all(is_free(base + offset) for offset in range(PORTS_PER_STACK)):
            return base
    raise RuntimeError("no free ports")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def take(demo: Demo, *steps: Step[Demo]) -> None:
    """Steps of the journey without the telling; the first that fails fails the test."""
    for step in steps:
        await step.run(demo, Report(step.title))

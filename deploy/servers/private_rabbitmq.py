"""A RabbitMQ of our own: loopback, free ports, its own epmd and cookie, under var/servers."""

import os
import shutil
from pathlib import Path
from typing import Final

from chassis.ids import SystemIds
from deploy.processes import Program, Started, recall, remember
from deploy.processes import start as start_program
from deploy.processes import stop as stop_programs
from deploy.servers import private
from deploy.servers.private import CannotStart
from deploy.servers.reach import why_no_rabbitmq

RECORD: Final = "rabbitmq.json"
START_SECONDS_MAX: Final = 120
STOP_SECONDS_MAX: Final = 30
USER_NAME: Final = "lephi"
# What a checkout needs, not what a province needs.
CONFIGURATION: Final = """\
listeners.tcp.default = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
loopback_users = none
log.console = true
log.console.level = warning
log.file = false
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 100MB
"""


def start(folder: Path) -> str:
    """Its URL, once it answers. Events that waited in its queues at the last stop still wait."""
    script, epmd = _binaries()
    user = private.unprivileged_user("rabbitmq")
    home = private.make_home(folder, "rabbitmq", user)
    port, dist_port, epmd_port = private.free_ports(3)
    password = _password(home / "password")
    _configure(home, port=port, password=password, user=user)
    environment = _environment(home, dist_port=dist_port, epmd_port=epmd_port)
    log = home / "rabbitmq.log"
    naming = Program(
        name="epmd",
        # Started by us and in the foreground: RabbitMQ would leave its own one behind.
        command=[str(epmd), "-address", "127.0.0.1", "-port", str(epmd_port)],
        log=home / "epmd.log",
        environment=environment,
        user=user,
        folder=home,
    )
    broker = Program(
        name="RabbitMQ",
        command=[str(script)],
        log=log,
        environment=environment,
        user=user,
        folder=home,
    )
    processes = [start_program(naming), start_program(broker)]
    url = f"amqp://{USER_NAME}:{password}@127.0.0.1:{port}/"
    remember(folder / RECORD, processes, url=url)
    (folder / RECORD).chmod(0o600)
    try:
        private.wait_until_it_serves(
            processes[1], lambda: why_no_rabbitmq(url), log=log, seconds_max=START_SECONDS_MAX
        )
    except CannotStart:
        stop(folder)
        raise
    return url


def running(folder: Path) -> str | None:
    processes, facts = recall(folder / RECORD)
    return facts["url"] if processes and all(map(Started.is_running, processes)) else None


def stop(folder: Path) -> bool:
    """End the broker, then the name server it registered with; False when none is running."""
    processes, _ = recall(folder / RECORD)
    was_running = any(map(Started.is_running, processes))
    for process in reversed(processes):
        stop_programs([process], grace_seconds=STOP_SECONDS_MAX)
    (folder / RECORD).unlink(missing_ok=True)
    return was_running


def _binaries() -> tuple[Path, Path]:
    # Debian's script in sbin insists on the rabbitmq user and on /var/lib; these do not.
    places = [
        *Path("/usr/lib/rabbitmq/bin").glob("rabbitmq-server"),
        *Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"),
    ]
    found = shutil.which("rabbitmq-server")
    if found and not places:
        places.append(Path(found))
    epmds = [Path(path) for path in (shutil.which("epmd"),) if path]
    epmds += Path("/usr/lib/erlang").glob("erts-*/bin/epmd")
    if not places or not epmds:
        raise CannotStart("no RabbitMQ is installed", needs_package=True)
    return places[0], epmds[0]


def _password(file: Path) -> str:
    """Drawn once: RabbitMQ makes its first user when its store is made, and never again."""
    if not file.exists():
        file.write_text(SystemIds().token() + "\n")
        file.chmod(0o600)
    return file.read_text().strip()


def _configure(home: Path, *, port: int, password: str, user: str | None) -> None:
    configuration = home / "rabbitmq.conf"
    configuration.write_text(
        CONFIGURATION.format(port=port, user=USER_NAME, password=password), encoding="ascii"
    )
    configuration.chmod(0o600)
    plugins = home / "enabled_plugins"
    plugins.write_text("[].\n", encoding="ascii")
    nothing = home / "rabbitmq-env.conf"
    nothing.write_text("", encoding="ascii")
    private.give_to(user, configuration, plugins, nothing)


def _environment(home: Path, *, dist_port: int, epmd_port: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd_port),
        # Its store belongs to this name; its own epmd keeps it apart from any other of that name.
        "RABBITMQ_NODENAME": "lephi@localhost",
        "RABBITMQ_DIST_PORT": str(dist_port),
        "RABBITMQ_MNESIA_BASE": str(home / "db"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        # The machine's own settings are for the machine's own node.
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        # Makes the script become the broker, so that the process we remember is the broker.
        "RUNNING_UNDER_SYSTEMD": "true",
    }

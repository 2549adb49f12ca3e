"""Debian packages, where we are root and asked for something that is not there."""

import os
import shutil
import subprocess
from typing import Final

SECONDS_MAX: Final = 600


class InstallFailed(Exception):
    pass


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*names: str) -> None:
    """Install without questions. Whether the package starts its own service does not matter."""
    _run("apt-get", "update", "-q")
    _run("apt-get", "install", "-q", "-y", "--no-install-recommends", *names)


def _run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InstallFailed(f"{' '.join(command)} took too long") from error
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise InstallFailed(f"{' '.join(command)} failed: {' '.join(last)}")

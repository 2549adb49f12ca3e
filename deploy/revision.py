"""`make revision s=payment m="Add refund"`: begin the next migration of a house.

What the tables in code have beyond the newest migration is filled in, to be read and corrected.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from chassis.db import Database
from chassis.migrations import upgrade_async
from deploy.commands.houses import HOUSES, migrations_of
from deploy.servers.reach import apart

MESSAGE: Final = re.compile(r"^[A-Z][A-Za-z0-9 ,'-]{3,70}$")


def begin(house: str, message: str, *, folder: Path | None = None) -> Path:
    """Write the file and say where it is."""
    folder = folder or migrations_of(house)
    before = sorted((folder / "versions").glob("[0-9]*.py"))
    number = f"{len(before) + 1:04}"
    with TemporaryDirectory() as scratch:
        url = f"sqlite+aiosqlite:///{Path(scratch) / 'before.sqlite'}"
        apart(lambda: _write(url, folder, message, number))
    (written,) = (folder / "versions").glob(f"{number}_*.py")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(written)], check=True)
    return written


async def _write(url: str, folder: Path, message: str, number: str) -> None:
    await upgrade_async(url, folder)
    database = Database.open(url)
    try:
        async with database.engine.connect() as connection:
            await connection.run_sync(_compare, folder, message, number)
    finally:
        await database.close()


def _compare(connection: Connection, folder: Path, message: str, number: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    command.revision(config, message=message, autogenerate=True, rev_id=number)


def main(words: list[str]) -> int:
    if len(words) != 2 or words[0] not in HOUSES or not MESSAGE.match(words[1]):
        sys.stderr.write('Say which and what: make revision s=payment m="Add refund"\n')
        return 2
    sys.stdout.write(f"{begin(*words)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""An image holds one house: it starts from its own files, the chassis and the commands alone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from deploy.commands.houses import HOUSES
from deploy.development_keys import ensure_development_keys

pytestmark = pytest.mark.integration

ROOT: Final = Path(__file__).parents[2]
DOCKERFILE: Final = ROOT / "deploy" / "service.Dockerfile"
START: Final = """
import asyncio, sys
from deploy.cli import app
from deploy.commands.houses import part_of, settings_of
from chassis.in_process import InProcessTransport

house = sys.argv[1]
settings = settings_of(house)
assert part_of(house, "main").create_app(settings).title
assert part_of(house, "worker").create_worker(settings, transport=InProcessTransport())
"""


@pytest.fixture(scope="module")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    ensure_development_keys(folder)
    return folder / "keys"


def copy_as_the_dockerfile_does(house: str, image: Path) -> None:
    stage = DOCKERFILE.read_text("utf-8").partition(" AS service\n")[2]
    folder = "gateway" if house == "gateway" else f"services/{house}"
    for line in re.findall(r"^COPY (.+)$", stage, re.MULTILINE):
        *sources, target = line.replace("${FOLDER}", folder).split()
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(
                    ROOT / source, image / target, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                (image / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, image / target)


@pytest.mark.parametrize("house", HOUSES)
def test_a_house_starts_where_no_other_is(house: str, tmp_path: Path, keys_dir: Path) -> None:
    image = tmp_path / "app"
    copy_as_the_dockerfile_does(house, image)
    others = {path.name for path in (image / "services").iterdir() if path.is_dir()} - {house}
    assert others == set()

    started = subprocess.run(
        # Without site packages' .pth files the checkout itself is out of reach.
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {paths(image)!r}\n" + START,
         house],
        capture_output=True, text=True, check=False, cwd=image, timeout=60,
        env={
            "PATH": os.environ["PATH"],
            f"{house.upper()}_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'db.sqlite'}",
            f"{house.upper()}_KEYS_DIR": str(keys_dir),
        },
    )  # fmt: skip

    assert started.returncode == 0, started.stderr


def paths(image: Path) -> list[str]:
    return [str(image), *(path for path in sys.path if path.endswith("site-packages"))]

"""Reading the code from the page as a telephone does, where the tools for it are installed."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

DOTS_PER_INCH = 200
SECONDS_MAX = 60


def can_read_pages() -> bool:
    return all(shutil.which(tool) for tool in ("pdftoppm", "zbarimg"))


def read_codes(pdf: Path) -> list[str]:
    """The text of every QR code on the first page."""
    with TemporaryDirectory() as folder:
        page = Path(folder) / "page"
        subprocess.run(
            ["pdftoppm", "-r", str(DOTS_PER_INCH), "-png", "-singlefile", str(pdf), str(page)],
            check=True,
            capture_output=True,
            timeout=SECONDS_MAX,
        )
        # zbarimg leaves with 4 when it finds nothing.
        found = subprocess.run(
            ["zbarimg", "--quiet", "--raw", f"{page}.png"],
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
        )
    return found.stdout.split("\n")[:-1]

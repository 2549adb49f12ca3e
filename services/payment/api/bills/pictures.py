"""A bill's code as a picture to print; nothing of it goes to anybody else."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Final

import segno

QUIET_MODULES: Final = 4
PNG_SCALE: Final = 12


def qr_svg(payload: str) -> bytes:
    """Without scripts, styles or links."""
    written = BytesIO()
    segno.make_qr(payload, error="m").save(
        written,
        kind="svg",
        border=QUIET_MODULES,
        omitsize=True,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return written.getvalue()


def qr_png(payload: str) -> bytes:
    written = BytesIO()
    segno.make_qr(payload, error="m").save(
        written, kind="png", border=QUIET_MODULES, scale=PNG_SCALE
    )
    return written.getvalue()


PICTURES: Final[Mapping[str, tuple[str, Callable[[str], bytes]]]] = {
    "svg": ("image/svg+xml", qr_svg),
    "png": ("image/png", qr_png),
}

"""Codes for cameras, drawn here: nothing of them goes to anybody else."""

from io import BytesIO
from typing import Final

import segno

SVG: Final = "image/svg+xml"
PNG: Final = "image/png"
QUIET_MODULES: Final = 4
PNG_SCALE: Final = 12


def qr_svg(payload: str) -> bytes:
    """Without scripts, styles or links."""
    written = BytesIO()
    _code(payload).save(
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
    """For a telephone's gallery, from which banking apps read codes."""
    written = BytesIO()
    _code(payload).save(written, kind="png", border=QUIET_MODULES, scale=PNG_SCALE)
    return written.getvalue()


def _code(payload: str) -> segno.QRCode:
    return segno.make_qr(payload, error="m")

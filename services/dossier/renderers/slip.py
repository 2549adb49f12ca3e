import asyncio
import io
from pathlib import Path
from typing import Final

import segno

from chassis.typesetting import typeset
from services.dossier.domain.slip import Slip

TEMPLATE: Final = Path(__file__).parent / "slip.typ"
# Wallets need this empty margin to find the code.
QUIET_ZONE_MODULES: Final = 4


class TypstSlipRenderer:
    async def render(self, slip: Slip) -> bytes:
        return await asyncio.to_thread(draw_slip, slip)


def draw_slip(slip: Slip) -> bytes:
    data = slip.content
    if slip.payment is not None:
        data = {**data, "qr_svg": draw_qr(slip.payment.qr_payload)}
    return typeset(TEMPLATE, data)


def draw_qr(payload: str) -> str:
    """The payload as it is, as a picture. Level M survives a fold or a stain on the paper."""
    picture = io.BytesIO()
    segno.make(payload, error="m", boost_error=False, micro=False).save(
        picture, kind="svg", border=QUIET_ZONE_MODULES, xmldecl=False
    )
    return picture.getvalue().decode()

from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from services.dossier.domain.errors import DossierNotFound
from services.dossier.domain.slip import write_slip
from services.dossier.ports import Reading, SlipRenderer, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    renderer: SlipRenderer
    clock: Clock
    # Where the paper sends a citizen who wants to look the dossier up.
    lookup_url: str


async def render_slip(
    dossier_id: UUID, *, reach: Reach, reading: Reading, uow: UnitOfWork, printer: Printer
) -> bytes:
    """The slip as a PDF: drawn at the first asking, the same bytes ever after.

    Drawing takes its time between two transactions, never inside one.
    """
    now = printer.clock.now()
    async with reading:
        dossier = await reading.dossiers.get(dossier_id)
        if not reach.covers(client_id=dossier.client_id, agency_code=dossier.agency.code):
            raise DossierNotFound
        slip = write_slip(
            dossier,
            await reading.dossiers.applicant_of(dossier_id),
            await reading.fee_requests.find_of(dossier_id),
            now=now,
            lookup_url=printer.lookup_url,
        )
        kept = await reading.slips.find(dossier_id, slip.content_sha256)
    if kept is not None:
        return kept
    pdf = await printer.renderer.render(slip)
    async with uow:
        return await uow.slips.add_once(dossier_id, slip, pdf=pdf, at=now)

from dataclasses import dataclass
from uuid import UUID

from chassis.duties import Reach
from services.dossier.domain.dossier import Dossier, Step
from services.dossier.domain.errors import DossierNotFound
from services.dossier.domain.fee_request import FeeRequest
from services.dossier.domain.receipt import Receipt
from services.dossier.domain.refund import Refund
from services.dossier.ports import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierView:
    dossier: Dossier
    fee_request: FeeRequest | None
    receipts: tuple[Receipt, ...]
    refunds: tuple[Refund, ...]
    steps: tuple[Step, ...]


async def get_dossier(dossier_id: UUID, *, reach: Reach, reading: Reading) -> DossierView:
    """What the reach does not cover is as if there were none."""
    async with reading:
        dossier = await reading.dossiers.get(dossier_id)
        if not reach.covers(client_id=dossier.client_id, agency_code=dossier.agency.code):
            raise DossierNotFound
        request = await reading.fee_requests.find_of(dossier_id)
        return DossierView(
            dossier=dossier,
            fee_request=request,
            receipts=await reading.receipts.list_of(request.id) if request else (),
            refunds=await reading.refunds.list_of(request.id) if request else (),
            steps=await reading.dossiers.steps_of(dossier_id),
        )

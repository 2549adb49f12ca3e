from chassis.clock import Clock
from services.dossier.domain.dossier import Dossier
from services.dossier.domain.events import DossierStateChangedV1
from services.dossier.domain.fee_request import FeeRequest
from services.dossier.domain.progress import carry_on
from services.dossier.domain.receipt import Receipt
from services.dossier.ports import UnitOfWork


async def advance_dossier(
    dossier: Dossier,
    *,
    fee_request: FeeRequest | None,
    receipts: tuple[Receipt, ...] = (),
    uow: UnitOfWork,
    clock: Clock,
) -> Dossier:
    """Inside a running transaction: make every move that is due, and announce each."""
    moved, steps = carry_on(dossier, fee_request=fee_request, receipts=receipts, at=clock.now())
    if steps:
        await uow.dossiers.save(moved, steps)
    for step in steps:
        await uow.outbox.add(DossierStateChangedV1.of(moved, step), subject=str(moved.id))
    return moved

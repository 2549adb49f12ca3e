from chassis.clock import Clock, vietnam_date
from services.dossier.domain.fee import Fee, FeeQuestion, compute_fee
from services.dossier.ports import Reading
from services.dossier.use_cases.find_offer import Offer, find_offer


async def quote_fee(
    question: FeeQuestion,
    *,
    procedure_code: str,
    agency_code: str,
    reading: Reading,
    clock: Clock,
) -> tuple[Offer, Fee]:
    """What a dossier would cost if it were submitted today; binds nobody."""
    async with reading:
        offer = await find_offer(
            procedure_code,
            agency_code=agency_code,
            on=vietnam_date(clock.now()),
            catalog=reading.catalog,
        )
    return offer, compute_fee(offer.schedule, question)

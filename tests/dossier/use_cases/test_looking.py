from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.duties import Reach
from chassis.testing import FrozenClock
from services.dossier.domain.errors import DossierNotFound, SlipNotReady
from services.dossier.domain.fee_request import FeeRequest
from services.dossier.ports import DossierFilter
from services.dossier.use_cases.get_dossier import get_dossier
from services.dossier.use_cases.list_dossiers import list_dossiers
from services.dossier.use_cases.render_slip import Printer, render_slip
from tests.dossier.fakes import CountingRenderer, FakeUnitOfWork, Memory
from tests.dossier.samples import APPLICANT, CODE, DOSSIER, FEE_REQUEST, MORNING, receipt

OPENED = FEE_REQUEST.opened_with(CODE)

PORTAL = Reach.of_client("portal-demo")
STRANGER = Reach.of_client("portal-other")
AGENCY = Reach(agencies=frozenset({DOSSIER.agency.code}))
ELSEWHERE = Reach(agencies=frozenset({"H01"}))


def stored(request: FeeRequest = OPENED) -> FakeUnitOfWork:
    return FakeUnitOfWork(
        Memory(
            dossiers={DOSSIER.id: DOSSIER},
            applicants={DOSSIER.id: APPLICANT},
            fee_requests={request.id: request},
            receipts={receipt(1).receipt_id: receipt(1)},
        )
    )


@pytest.mark.parametrize("reach", [PORTAL, Reach.everything(), AGENCY])
async def test_the_owner_the_agency_and_whoever_may_see_all_see_a_dossier(reach: Reach) -> None:
    view = await get_dossier(DOSSIER.id, reach=reach, reading=stored())

    assert (view.dossier, view.fee_request, view.receipts) == (DOSSIER, OPENED, (receipt(1),))


@pytest.mark.parametrize("reach", [STRANGER, ELSEWHERE])
async def test_a_strangers_dossier_is_as_if_there_were_none(reach: Reach) -> None:
    uow = stored()
    printer = Printer(renderer=CountingRenderer(), clock=FrozenClock(MORNING), lookup_url="x")

    with pytest.raises(DossierNotFound):
        await get_dossier(DOSSIER.id, reach=reach, reading=uow)
    with pytest.raises(DossierNotFound):
        await render_slip(DOSSIER.id, reach=reach, reading=uow, uow=uow, printer=printer)


async def test_a_list_is_the_clients_own_the_newest_first_and_page_by_page() -> None:
    mine = [replace(DOSSIER, id=UUID(int=n), code=f"H19.25-261123-{n:04d}") for n in range(1, 6)]
    strange = replace(DOSSIER, id=UUID(int=9), client_id="portal-other")
    uow = FakeUnitOfWork(Memory(dossiers={one.id: one for one in [*mine, strange]}))

    first, more = await list_dossiers(DossierFilter(reach=PORTAL), limit=3, reading=uow)
    last, no_more = await list_dossiers(
        DossierFilter(reach=PORTAL, before=first[-1].id), limit=3, reading=uow
    )

    assert [one.id.int for one in [*first, *last]] == [5, 4, 3, 2, 1]
    assert (more, no_more) == (True, False)


async def slip(uow: FakeUnitOfWork, renderer: CountingRenderer, *, hours: int = 0) -> bytes:
    clock = FrozenClock(MORNING + timedelta(hours=hours))
    printer = Printer(renderer=renderer, clock=clock, lookup_url="https://dvc.example.vn")
    return await render_slip(DOSSIER.id, reach=PORTAL, reading=uow, uow=uow, printer=printer)


async def test_a_slip_is_drawn_once_and_stays_the_same() -> None:
    uow, renderer = stored(), CountingRenderer()

    papers = {await slip(uow, renderer, hours=hours) for hours in (0, 1, 2)}

    assert len(papers) == 1
    assert len(renderer.drawn) == 1


async def test_once_paid_the_slip_is_another_paper() -> None:
    uow, renderer = stored(), CountingRenderer()

    unpaid = await slip(uow, renderer)
    uow.memory.fee_requests[OPENED.id] = OPENED.paid(at=MORNING)
    paid = await slip(uow, renderer)

    assert unpaid != paid
    assert renderer.drawn[-1].payment is None


async def test_a_slip_that_is_not_ready_is_not_drawn() -> None:
    renderer = CountingRenderer()

    with pytest.raises(SlipNotReady):
        await slip(stored(FEE_REQUEST), renderer)

    assert renderer.drawn == []

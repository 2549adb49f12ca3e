from dataclasses import replace

import pytest

from chassis.errors import Malformed
from chassis.testing import FakeIds
from gateway.domain.evidence.record import EvidenceKind
from gateway.domain.machines.errors import ClientNotAllowed, NonceReused
from gateway.domain.machines.signed_request import Arrival, SignatureClass, SignedRequest
from gateway.use_cases.machines.admit_signed_request import (
    Admission,
    Admitted,
    admit_signed_request,
)
from tests.gateway.fakes import FakeSignatures, FakeUnitOfWork
from tests.gateway.samples import ARRIVAL, BANK, PORTAL, signed_by

WRITE = Admission(signature=SignatureClass.WRITE, evidence=EvidenceKind.DOSSIER_SUBMISSION)
CALLBACK = Admission(
    signature=SignatureClass.CALLBACK,
    evidence=EvidenceKind.PROVIDER_NOTIFICATION,
    provider="sandbox",
)
READ = Admission(signature=SignatureClass.READ)
IDS = FakeIds()


async def admit(
    uow: FakeUnitOfWork,
    request: SignedRequest,
    admission: Admission = WRITE,
    arrival: Arrival = ARRIVAL,
) -> Admitted:
    return await admit_signed_request(
        arrival, admission, signatures=FakeSignatures(request), scope=uow, ids=IDS
    )


async def test_a_write_leaves_its_evidence_and_uses_its_nonce_in_one_transaction() -> None:
    uow = FakeUnitOfWork()

    admitted = await admit(uow, signed_by(PORTAL))

    (kept,) = uow.evidence.kept
    assert kept.id == admitted.evidence_id
    assert (kept.body, kept.signature_base) == (ARRIVAL.body, b"base")
    assert kept.record["public_jwk"] == {"kty": "OKP"}
    assert (len(uow.nonces.used), uow.committed) == (1, 1)


async def test_a_read_uses_its_nonce_and_leaves_no_evidence() -> None:
    uow = FakeUnitOfWork()

    admitted = await admit(uow, signed_by(PORTAL), READ, replace(ARRIVAL, body=b""))

    assert admitted.evidence_id is None
    assert (uow.evidence.kept, len(uow.nonces.used)) == ([], 1)


async def test_a_portals_repeat_is_refused_and_a_banks_is_its_first_evidence_again() -> None:
    uow = FakeUnitOfWork()
    await admit(uow, signed_by(PORTAL))
    first = await admit(uow, signed_by(BANK), CALLBACK)

    again = await admit(uow, signed_by(BANK), CALLBACK)
    with pytest.raises(NonceReused):
        await admit(uow, signed_by(PORTAL))

    assert again == first
    assert len(uow.evidence.kept) == 2


async def test_a_banks_nonce_for_other_words_is_refused() -> None:
    uow = FakeUnitOfWork()
    await admit(uow, signed_by(BANK), CALLBACK)

    with pytest.raises(NonceReused):
        await admit(uow, signed_by(BANK, base=b"other words"), CALLBACK)


@pytest.mark.parametrize(
    ("client", "admission"),
    [
        (BANK, WRITE),
        (PORTAL, CALLBACK),
        (replace(BANK, provider="other"), CALLBACK),
        (BANK, READ),
    ],
)
async def test_a_client_of_another_kind_leaves_nothing(
    client: object, admission: Admission
) -> None:
    uow = FakeUnitOfWork()

    with pytest.raises(ClientNotAllowed):
        await admit(uow, signed_by(client), admission)  # type: ignore[arg-type]

    assert (uow.evidence.kept, uow.nonces.used) == ([], {})


async def test_ambiguous_json_leaves_nothing() -> None:
    uow = FakeUnitOfWork()

    with pytest.raises(Malformed):
        await admit(uow, signed_by(PORTAL), WRITE, replace(ARRIVAL, body=b'{"a":1,"a":2}'))

    assert uow.nonces.used == {}

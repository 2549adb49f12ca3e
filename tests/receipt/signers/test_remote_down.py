"""The remote signer is switched off for ten minutes, and every series catches up in its order."""

import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from deploy.sandbox_signer.main import CLIENT, CREDENTIAL, Desk, create_app
from services.receipt.domain.receipts.receipt import Form
from services.receipt.providers.signers.configured_signers import ConfiguredSigners
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.receipts.tables import RECEIPT, RECEIPT_DOCUMENT
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.issue_receipts import issue_receipts
from services.receipt.use_cases.receipts.number_receipts import Paid
from services.receipt.use_cases.receipts.sign_numbered_receipts import (
    PAUSE,
    sign_numbered_receipts,
)
from tests.payment.providers.over_http import served
from tests.receipt.samples import BODY, NOON, SECRET, line, paid_fee
from tests.receipt.signers.pki import Authority, p256
from tests.receipt.signers.test_signers_file import remote, write

AGENCIES = ("H19.25", "H19.31", "H19.40")
EVERY = timedelta(seconds=6)
DOWN_FOR = timedelta(minutes=10)
SIGNED_AT = re.compile(rb"<xades:SigningTime>([^<]+)</xades:SigningTime>")


class Moving(FrozenClock):
    """Whoever looks at it sees it later than whoever looked before."""

    def now(self) -> datetime:
        self.advance(timedelta(microseconds=1))
        return super().now()


@dataclass
class House:
    database: Database
    signers: ConfiguredSigners
    seals: Sealer
    clock: Moving
    desk: FastAPI
    port: int

    def uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, clock=self.clock, ids=SystemIds(self.clock))

    async def take_one_everywhere(self) -> None:
        sealed = self.seals.seal(SECRET, purpose="payer")
        for agency in AGENCIES:
            fee = paid_fee(line(agency_code=agency), intent_id=uuid4(), payer_sealed=sealed)
            await issue_receipts(
                [Paid(fee=fee, caused_by=uuid4())],
                uow=self.uow(),
                signer=XmlReceiptSigner(self.signers),
                seals=self.seals,
                clock=self.clock,
                ids=SystemIds(self.clock),
            )

    async def sign_what_waits(self) -> int:
        return await sign_numbered_receipts(
            uow=self.uow(),
            signer=XmlReceiptSigner(self.signers),
            seals=self.seals,
            clock=self.clock,
            count_failed=lambda _failed: None,
        )

    async def signed_at(self, agency: str) -> Sequence[tuple[int, datetime | None]]:
        """Each number, and when it was signed; the signature itself must say that second."""
        read = (
            select(RECEIPT.c.number, RECEIPT.c.issued_at, RECEIPT_DOCUMENT.c.body)
            .join(
                RECEIPT_DOCUMENT,
                (RECEIPT_DOCUMENT.c.receipt_id == RECEIPT.c.id)
                & (RECEIPT_DOCUMENT.c.form == Form.XML.value),
                isouter=True,
            )
            .where(RECEIPT.c.agency_code == agency)
            .order_by(RECEIPT.c.number)
        )
        async with self.database.read() as connection:
            rows = (await connection.execute(read)).all()
        for _number, at, body in rows:
            assert (body is None) == (at is None)
            assert body is None or _said(body) == at.replace(microsecond=0)
        return [(number, at) for number, at, _body in rows]


def _said(body: bytes) -> datetime:
    found = SIGNED_AT.search(body)
    assert found is not None
    return datetime.fromisoformat(found[1].decode())


@pytest.fixture
async def house(
    database: Database,
    new_uow: Callable[[], SqlUnitOfWork],
    sealer: Sealer,
    tmp_path: Path,
) -> AsyncIterator[House]:
    async with new_uow() as uow:
        for agency in AGENCIES[1:]:
            body = replace(BODY, agency_code=agency)
            await uow.collecting_bodies.save(body, published_at=NOON)
    key = p256()
    desk = create_app(Desk(key, [Authority().certify(key)], "geheim"))
    (tmp_path / "secret").touch(mode=0o600)
    (tmp_path / "secret").write_text("geheim")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    said = remote(
        url=f"http://127.0.0.1:{port}",
        credential_id=CREDENTIAL,
        client_id=CLIENT,
        secret_file="secret",
    )
    clock = Moving(NOON)
    async with httpx.AsyncClient() as client:
        signers = ConfiguredSigners(write(tmp_path, said), client=client, clock=clock)
        yield House(database, signers, sealer, clock, desk, port)
        await signers.close()


async def all_of(house: House) -> Sequence[Sequence[tuple[int, datetime | None]]]:
    return [await house.signed_at(agency) for agency in AGENCIES]


async def test_numbers_go_on_for_ten_minutes_and_signatures_catch_up_in_order(
    house: House,
) -> None:
    rounds = 1
    async with served(house.desk, _at(house.port)):
        await house.take_one_everywhere()
    until = house.clock.now() + DOWN_FOR
    while house.clock.now() < until:
        await house.take_one_everywhere()
        assert await house.sign_what_waits() == 0
        house.clock.advance(EVERY)
        rounds += 1
    down = await all_of(house)

    signed = 0
    async with served(house.desk, _at(house.port)):
        # One that comes while all wait stands behind them.
        await house.take_one_everywhere()
        house.clock.advance(PAUSE)
        while now := await house.sign_what_waits():
            signed += now
        await house.take_one_everywhere()
    up = await all_of(house)

    for waiting in down:
        assert [number for number, _ in waiting] == list(range(1, rounds + 1))
        assert [at is None for _, at in waiting] == [False] + [True] * (rounds - 1)
    assert rounds > DOWN_FOR / EVERY
    assert signed == rounds * len(AGENCIES)
    for series in up:
        assert [number for number, _ in series] == list(range(1, rounds + 3))
        instants = [at for _, at in series]
        assert None not in instants
        # No two of them at once, so this is their order and nothing else.
        assert len(set(instants)) == len(instants)
        assert instants == sorted(at for at in instants if at)


def _at(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))

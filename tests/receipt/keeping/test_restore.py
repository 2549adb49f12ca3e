"""The restore test, and restoring: from the vault alone, by digests, signatures and books."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from chassis.canonical import sha256_hex
from chassis.ids import SystemIds
from deploy.cli import app
from deploy.restore_check import RestoreCheck, RestoreReport
from services.receipt.domain.keeping.finding import KeepingReason, KeepingState
from services.receipt.domain.receipts.receipt import Form, Receipt
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.providers.vaults.s3 import Bucket, S3Vault
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.signed_book import JwsBookSigner, XmlOriginals
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.reports.reporting import SqlReporting
from services.receipt.use_cases.keeping.restore_documents import restore_documents
from services.receipt.use_cases.receipts.get_document import get_pdf
from services.receipt.use_cases.reports.draw_up_books import BookTools, draw_up_books
from tests.receipt.keeping.house import House


@pytest.fixture
def anchors(keys_dir: Path) -> Any:
    return json.loads((keys_dir.parent / "trust" / "anchors.json").read_text("utf-8"))


@pytest.fixture
def check(house: House, anchors: Any, tmp_path: Path) -> Callable[[], RestoreCheck]:
    def make() -> RestoreCheck:
        into = tmp_path / SystemIds().token()
        into.mkdir()
        return RestoreCheck(
            open_keeping=house.open_keeping,
            vault=house.vault,
            into=into,
            anchors=anchors,
            ids=SystemIds(),
            say=lambda _line: None,
        )

    return make


async def draw_up(house: House, key: FileSigner) -> None:
    """The book of the day, once it is over."""
    house.clock.advance(timedelta(days=1))
    tools = BookTools(
        open_reporting=lambda: SqlReporting(house.database),
        signer=JwsBookSigner(OneSigner(key)),
        originals=XmlOriginals(),
        clock=house.clock,
    )
    assert await draw_up_books(tools=tools) == []


async def make_page(house: House, receipt: Receipt, key: FileSigner) -> None:
    pages = PdfReceiptSigner(
        OneSigner(key), lookup_page="https://lephi.example.vn/tra-cuu", clock=house.clock
    )
    await get_pdf(
        receipt,
        archive=SqlArchive(house.database),
        uow=house.new_uow(),
        signer=pages,
        seals=house.seals,
    )


async def test_a_whole_vault_is_restored_and_every_signature_holds(
    house: House, check: Callable[[], RestoreCheck], signing_key: FileSigner
) -> None:
    receipts = await house.issue(3)
    await make_page(house, receipts[0], signing_key)
    await house.keep()
    await draw_up(house, signing_key)
    checking = check()

    report = await checking.run()

    assert report == RestoreReport(files=4, signatures=4, books=1)
    assert report.is_good
    for receipt in receipts:
        restored = checking.into / f"{receipt.id}.xml"
        assert restored.read_bytes() == await house.stored(receipt.id)


async def test_from_a_bucket_it_is_the_same(
    house: House, check: Callable[[], RestoreCheck], bucket: Bucket, client: httpx.AsyncClient
) -> None:
    house.vault = S3Vault(bucket, client=client)
    healed, lost, stranger = *await house.issue(2), b"<Stranger/>"
    await house.keep()
    told = boto3.client(
        "s3",
        endpoint_url=bucket.endpoint,
        region_name=bucket.region,
        aws_access_key_id=bucket.access_key,
        aws_secret_access_key=bucket.secret,
    )
    key = f"{bucket.prefix}/{healed.xml_sha256}"
    told.put_object(Bucket=bucket.name, Key=key, Body=b"<Other/>")
    await house.sweep()
    assert await house.said() == [(KeepingReason.CHANGED_IN_VAULT, KeepingState.REPAIRED)]
    report = await check().run()
    assert report == RestoreReport(files=2, signatures=2)

    await house.vault.delete(lost.xml_sha256 or "")
    await house.vault.put(sha256_hex(stranger), stranger)
    report = await check().run()
    assert report.differences == [
        "H19.25 AA-26E 2 xml: the vault has no copy",
        f"{sha256_hex(stranger)}: in the vault, and of no receipt",
    ]


async def test_every_difference_is_told(
    house: House, check: Callable[[], RestoreCheck], signing_key: FileSigner
) -> None:
    lost, changed, forgotten, _fine = await house.issue(4)
    await house.keep()
    await draw_up(house, signing_key)
    house.file(lost.xml_sha256 or "").unlink()
    house.spoil_file(changed.xml_sha256 or "")
    await house.lose_row(forgotten.id)
    async with house.database.begin() as connection:
        for table, column in (("kept_document", "receipt_id"), ("receipt", "id")):
            gone = text(f"DELETE FROM {table} WHERE {column} = :id")
            await connection.execute(gone, {"id": house._id(forgotten.id)})

    report = await check().run()

    assert report.differences == [
        "H19.25 AA-26E 1 xml: the vault has no copy",
        "H19.25 AA-26E 2 xml: the copy does not fit its digest",
        "H19.25 AA-26E number 3: no receipt has this number",
        f"{forgotten.xml_sha256}: in the vault, and of no receipt",
    ]
    assert (report.files, report.signatures) == (3, 1)


async def test_bytes_that_fit_a_forged_row_are_refused_by_verifier_and_book(
    house: House, check: Callable[[], RestoreCheck], signing_key: FileSigner
) -> None:
    """Whoever changes all our tables and the vault alike still has no signature."""
    (receipt,) = await house.issue()
    await draw_up(house, signing_key)
    original = await house.stored(receipt.id)
    assert original is not None
    forged = original.replace(b"100000", b"900000")
    assert forged != original
    digest = sha256_hex(forged)
    await house.tamper(
        "UPDATE receipt_document SET body = :body, sha256 = :sha256", body=forged, sha256=digest
    )
    async with house.database.begin() as connection:
        for table, column in (("kept_document", "sha256"), ("receipt", "xml_sha256")):
            await connection.execute(text(f"UPDATE {table} SET {column} = :to"), {"to": digest})
    await house.keep()

    report = await check().run()

    assert [one.split(": ")[0] for one in report.differences] == [
        "H19.25 AA-26E 1 xml",
        "H19.25 AA-26E number 1",
    ]
    assert "the verifier refuses it" in report.differences[0]


async def test_a_series_that_ends_early_is_noticed(
    house: House, check: Callable[[], RestoreCheck]
) -> None:
    await house.issue(2)
    await house.keep()
    async with house.database.begin() as connection:
        await connection.execute(text("UPDATE receipt_series SET last_number = 4"))

    report = await check().run()

    assert report.differences == [
        f"H19.25 AA-26E number {number}: no receipt has this number" for number in (3, 4)
    ]


async def test_a_sample_is_as_large_as_asked_for_and_drawn_by_lot(
    house: House, check: Callable[[], RestoreCheck]
) -> None:
    await house.issue(12)
    await house.keep()
    drawn: set[frozenset[str]] = set()
    for _ in range(6):
        checking = check()
        report = await checking.run(sample=3)
        assert (report.files, report.is_good) == (3, True)
        drawn.add(frozenset(one.name for one in checking.into.iterdir()))
    assert len(drawn) > 1
    report = await check().run(sample=100)
    assert report.files == 12


async def test_an_emptied_database_gets_everything_back(
    house: House, signing_key: FileSigner
) -> None:
    receipts = await house.issue(5)
    await make_page(house, receipts[0], signing_key)
    await house.keep()
    before = {(one.id, form): await house.stored(one.id, form) for one in receipts for form in Form}
    await house.tamper("DELETE FROM receipt_document")
    assert await house.stored(receipts[0].id) is None

    restored = await restore_documents(open_keeping=house.open_keeping, vault=house.vault)

    assert (restored.looked_at, restored.restored, restored.lost) == (6, 6, ())
    after = {(one.id, form): await house.stored(one.id, form) for one in receipts for form in Form}
    assert after == before
    again = await restore_documents(open_keeping=house.open_keeping, vault=house.vault)
    assert (again.restored, again.lost) == (0, ())


async def test_only_what_fits_is_put_back(house: House) -> None:
    changed, gone, spoilt = await house.issue(3)
    await house.keep()
    right = await house.stored(changed.id)
    await house.spoil_row(changed.id, b"<Other/>")
    await house.lose_row(gone.id)
    house.file(gone.xml_sha256 or "").unlink()
    await house.lose_row(spoilt.id)
    house.spoil_file(spoilt.xml_sha256 or "")

    restored = await restore_documents(open_keeping=house.open_keeping, vault=house.vault)

    assert restored.restored == 1
    assert [one.receipt.id for one in restored.lost] == [gone.id, spoilt.id]
    assert await house.stored(changed.id) == right
    assert await house.stored(gone.id) is None
    assert await house.stored(spoilt.id) is None


@pytest.fixture
def lephi(
    house: House, database_url: str, keys_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    monkeypatch.setenv("RECEIPT_DATABASE_URL", database_url)
    monkeypatch.setenv("RECEIPT_KEYS_DIR", str(keys_dir))
    monkeypatch.setenv("RECEIPT_VAULT", house.root.as_uri())

    async def run(*words: str) -> Any:
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, ["receipts", *words]))

    return run


async def test_the_commands_say_what_they_did_by_their_code(
    house: House, lephi: Callable[..., Any], tmp_path: Path
) -> None:
    receipt, other = await house.issue(2)
    await house.keep()
    into = tmp_path / "restored"
    into.mkdir()

    good = await lephi("restore-check", "--into", str(into))
    assert (good.exit_code, len(list(into.iterdir()))) == (0, 2)
    assert "2 files restored, 2 signatures judged" in good.stdout
    assert (await lephi("restore-check", "--into", str(into))).exit_code == 2

    await house.lose_row(receipt.id)
    back = await lephi("restore")
    assert (back.exit_code, "1 put back, 0 lost" in back.stdout) == (0, True)

    house.file(other.xml_sha256 or "").unlink()
    bad = await lephi("restore-check", "--json")
    told = json.loads(bad.stdout)
    assert (bad.exit_code, told["good"], len(told["differences"])) == (1, False, 1)
    await house.lose_row(other.id)
    lost = await lephi("restore")
    assert (lost.exit_code, "LOST   H19.25 AA-26E 2 xml" in lost.stdout) == (1, True)


async def test_without_a_vault_the_commands_say_so(
    house: House, lephi: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEIPT_VAULT", "")
    answer = await lephi("restore-check", "--sample", "1")
    assert (answer.exit_code, "RECEIPT_VAULT is empty" in answer.stderr) == (2, True)

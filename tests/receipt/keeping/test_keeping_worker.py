"""The worker as it runs, with a vault, without one, and with what names none."""

import asyncio
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from chassis.in_process import InProcessTransport
from services.receipt.providers.vaults import open_vault
from services.receipt.providers.vaults.s3 import Bucket, S3Vault
from services.receipt.schedules import keeping as schedules
from services.receipt.settings import ReceiptSettings
from services.receipt.worker import create_worker
from tests.receipt.keeping.house import House

WAIT_SECONDS_MAX = 30.0


async def run_for(house: House, settings: ReceiptSettings, seconds_max: float, file: Path) -> bool:
    stop = asyncio.Event()
    worker = create_worker(
        settings, transport=InProcessTransport(), database=house.database, clock=house.clock
    )
    running = asyncio.create_task(worker.run(stop))
    waited = 0.0
    while waited < seconds_max and not file.exists():
        await asyncio.sleep(0.05)
        waited += 0.05
    stop.set()
    await running
    return file.exists()


async def test_the_worker_copies_what_waits(house: House, settings: ReceiptSettings) -> None:
    (receipt,) = await house.issue()
    file = house.file(receipt.xml_sha256 or "")
    told = settings.model_copy(update={"vault": house.root.as_uri(), "pdfs_ahead": False})

    assert await run_for(house, told, WAIT_SECONDS_MAX, file)
    assert schedules.CONFIGURED._value.get() == 1
    assert file.read_bytes() == await house.stored(receipt.id)


async def test_without_a_vault_nothing_is_copied_and_the_metrics_say_so(
    house: House, settings: ReceiptSettings
) -> None:
    (receipt,) = await house.issue()
    file = house.file(receipt.xml_sha256 or "")
    told = settings.model_copy(update={"vault": "", "pdfs_ahead": False})

    assert not await run_for(house, told, 0.5, file)
    assert schedules.CONFIGURED._value.get() == 0
    assert schedules.WAITING._value.get() == 1


async def test_findings_are_counted_by_reason_and_state(
    house: House, settings: ReceiptSettings
) -> None:
    (receipt,) = await house.issue()
    await house.keep()
    house.spoil_file(receipt.xml_sha256 or "")
    await house.sweep()
    told = settings.model_copy(update={"vault": "", "pdfs_ahead": False})
    await run_for(house, told, 0.5, house.root / "never")

    assert schedules.FINDINGS.labels("changed_in_vault", "repaired")._value.get() == 1
    assert schedules.FINDINGS.labels("changed_in_vault", "open")._value.get() == 0


async def test_by_default_the_vault_lies_beside_the_keys(tmp_path: Path) -> None:
    told = ReceiptSettings(database_url="sqlite+aiosqlite://", keys_dir=tmp_path / "keys")
    async with httpx.AsyncClient() as client:
        vault = open_vault(told, client=client)

    assert vault is not None
    assert await vault.get("0" * 64) is None
    assert (tmp_path / "vault").is_dir()


async def test_a_bucket_is_opened_with_a_secret_from_a_file(bucket: Bucket, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{bucket.secret}\n")
    told = ReceiptSettings(
        database_url="sqlite+aiosqlite://",
        vault=f"s3://{bucket.name}/{bucket.prefix}",
        vault_s3_endpoint=bucket.endpoint,
        vault_s3_region=bucket.region,
        vault_s3_access_key=bucket.access_key,
        vault_s3_secret_file=secret,
    )
    async with httpx.AsyncClient(trust_env=False) as client:
        vault = open_vault(told, client=client)
        assert isinstance(vault, S3Vault)
        assert await vault.list_page("00", after="", limit=1) == []


@pytest.mark.parametrize(
    "address",
    ["/var/vault", "file:vault", "file://host/vault", "s3://", "s3://Bucket", "ftp://x/y"],
)
async def test_what_names_no_vault_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="RECEIPT_VAULT"):
        open_vault(
            ReceiptSettings(
                database_url="sqlite+aiosqlite://",
                vault=address,
                vault_s3_access_key="key",
                vault_s3_secret=SecretStr("secret"),
            ),
            client=httpx.AsyncClient(),
        )


def test_a_bucket_without_a_secret_is_refused_at_once() -> None:
    with pytest.raises(ValidationError, match="RECEIPT_VAULT_S3_SECRET"):
        ReceiptSettings(database_url="sqlite+aiosqlite://", vault="s3://kho/bien-lai")

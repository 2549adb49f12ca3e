"""What every vault promises, in a directory and over HTTP with signatures checked."""

import asyncio
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import boto3
import httpx
import pytest

from chassis.canonical import sha256_hex
from services.receipt.domain.keeping.errors import (
    VaultCopyDiffers,
    VaultUnavailable,
    WrongAddress,
)
from services.receipt.ports import keeping
from services.receipt.ports.keeping import Vault
from services.receipt.providers.vaults import files, s3
from services.receipt.providers.vaults.files import FileVault
from services.receipt.providers.vaults.s3 import Bucket, S3Vault
from tests.receipt.keeping.s3_store import REGION

BODY = "<BienLai>phí và lệ phí</BienLai>".encode()
ADDRESS = sha256_hex(BODY)
NOBODY = sha256_hex(b"nobody has put this")


async def test_what_is_put_can_be_got_and_is_put_once(vault: Vault) -> None:
    assert (await vault.put(ADDRESS, BODY), await vault.put(ADDRESS, BODY)) == (True, False)

    assert await vault.get(ADDRESS) == BODY
    assert await vault.size_of(ADDRESS) == len(BODY)
    assert (await vault.get(NOBODY), await vault.size_of(NOBODY)) == (None, None)


async def test_only_what_fits_its_address_is_taken(vault: Vault) -> None:
    for address in (NOBODY, ADDRESS.upper(), "../" + ADDRESS, ""):
        with pytest.raises(WrongAddress):
            await vault.put(address, BODY)
        with pytest.raises(WrongAddress):
            await vault.mend(address, BODY)
    assert await vault.get(NOBODY) is None


async def test_many_who_put_the_same_at_once_have_put_it_once(vault: Vault) -> None:
    new = await asyncio.gather(*(vault.put(ADDRESS, BODY) for _ in range(8)))

    assert sorted(new) == [False] * 7 + [True]
    assert await vault.get(ADDRESS) == BODY


async def test_addresses_are_listed_in_order_page_by_page(vault: Vault) -> None:
    bodies = [f"{number}".encode() for number in range(2000)]
    mine = sorted(a for a in map(sha256_hex, bodies) if a.startswith("a1"))
    for body in bodies:
        if sha256_hex(body).startswith(("a1", "a2")):
            await vault.put(sha256_hex(body), body)
    listed: list[str] = []
    while page := await vault.list_page("a1", after=listed[-1] if listed else "", limit=2):
        assert len(page) <= 2
        listed += page

    assert len(mine) > 2
    assert listed == mine
    assert await vault.list_page("b2", after="", limit=10) == []


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(vault: Vault) -> None:
    await vault.put(ADDRESS, BODY)
    await vault.delete(ADDRESS)
    await vault.delete(ADDRESS)

    assert await vault.get(ADDRESS) is None


async def test_other_bytes_are_never_overwritten_but_mended_and_set_aside(
    root: Path, bucket: Bucket, client: httpx.AsyncClient
) -> None:
    wrong = BODY.replace(b"ph", b"PH", 1)
    aside = f"set-aside/{ADDRESS}.{sha256_hex(wrong)}"
    in_files, in_bucket = FileVault(root), S3Vault(bucket, client=client)
    told = boto3.client(
        "s3",
        endpoint_url=bucket.endpoint,
        region_name=REGION,
        aws_access_key_id=bucket.access_key,
        aws_secret_access_key=bucket.secret,
    )
    file = root / ADDRESS[:2] / ADDRESS[2:4] / ADDRESS
    file.parent.mkdir(parents=True)
    file.write_bytes(wrong)
    told.put_object(Bucket=bucket.name, Key=f"{bucket.prefix}/{ADDRESS}", Body=wrong)

    for vault in (in_files, in_bucket):
        with pytest.raises(VaultCopyDiffers):
            await vault.put(ADDRESS, BODY)
        assert await vault.get(ADDRESS) == wrong
        await vault.mend(ADDRESS, BODY)
        await vault.mend(ADDRESS, BODY)
        assert await vault.get(ADDRESS) == BODY

    assert (root / aside).read_bytes() == wrong
    kept = told.get_object(Bucket=bucket.name, Key=f"{bucket.prefix}/{aside}")
    assert kept["Body"].read() == wrong
    assert await in_files.list_page("", after="", limit=10) == [ADDRESS]


async def test_more_than_any_receipt_is_not_read_to_its_end(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vault.put(ADDRESS, BODY)
    for module in (files, s3, keeping):
        monkeypatch.setattr(module, "BYTES_MAX", 4)

    got = await vault.get(ADDRESS)
    assert got is not None
    assert sha256_hex(got) != ADDRESS
    with pytest.raises(WrongAddress):
        await vault.put(sha256_hex(b"12345"), b"12345")


async def test_a_file_is_read_only_and_nothing_half_written_stays(root: Path) -> None:
    vault = FileVault(root)
    await vault.put(ADDRESS, BODY)

    file = root / ADDRESS[:2] / ADDRESS[2:4] / ADDRESS
    assert stat.S_IMODE(file.stat().st_mode) == 0o440
    assert list((root / "parts").iterdir()) == []


async def test_a_disk_that_is_not_there_is_no_empty_vault(root: Path) -> None:
    vault = FileVault(root / "gone")
    for ask in (
        vault.get(ADDRESS),
        vault.put(ADDRESS, BODY),
        vault.list_page("a1", after="", limit=1),
        vault.size_of(ADDRESS),
    ):
        with pytest.raises(VaultUnavailable):
            await ask
    assert not (root / "gone").exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret": "wrong"}, "SignatureDoesNotMatch"),
        ({"access_key": "AKIAUNKNOWN000000000"}, "InvalidAccessKeyId"),
        ({"name": "another-bucket"}, "NoSuchBucket"),
    ],
)
async def test_a_store_that_refuses_is_unavailable_and_no_secret_is_said(
    bucket: Bucket, client: httpx.AsyncClient, change: dict[str, str], code: str
) -> None:
    right = S3Vault(bucket, client=client)
    vault = S3Vault(replace(bucket, **change), client=client)
    for ask in (
        vault.put(ADDRESS, BODY),
        vault.get(ADDRESS),
        vault.list_page("a1", after="", limit=1),
        vault.delete(ADDRESS),
    ):
        with pytest.raises(VaultUnavailable, match=code) as refused:
            await ask
        assert bucket.secret not in str(refused.value)
    assert await right.get(ADDRESS) is None
    assert bucket.secret not in repr(bucket)


async def test_nobody_there_is_unavailable(bucket: Bucket, client: httpx.AsyncClient) -> None:
    vault = S3Vault(replace(bucket, endpoint="http://127.0.0.1:9"), client=client)
    with pytest.raises(VaultUnavailable, match="ConnectError"):
        await vault.get(ADDRESS)


async def test_a_lock_in_the_store_lasts_to_the_last_day(
    bucket: Bucket, client: httpx.AsyncClient
) -> None:
    vault = S3Vault(replace(bucket, lock="COMPLIANCE"), client=client)
    await vault.put(ADDRESS, BODY, keep_until=date(2036, 12, 31))

    told = boto3.client(
        "s3",
        endpoint_url=bucket.endpoint,
        region_name=REGION,
        aws_access_key_id=bucket.access_key,
        aws_secret_access_key=bucket.secret,
    )
    head = told.head_object(Bucket=bucket.name, Key=f"{bucket.prefix}/{ADDRESS}")
    assert head["ObjectLockMode"] == "COMPLIANCE"
    assert head["ObjectLockRetainUntilDate"].date() == date(2036, 12, 31)

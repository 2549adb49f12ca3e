"""Which vault an address names: `file:///var/lib/lephi/vault`, `s3://bucket/prefix`, or none."""

import contextlib
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx

from services.receipt.ports.keeping import Vault
from services.receipt.providers.vaults.files import FileVault
from services.receipt.providers.vaults.s3 import Bucket, S3Vault
from services.receipt.settings import ReceiptSettings

BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX: Final = re.compile(r"(?:[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*)?")


def open_vault(settings: ReceiptSettings, *, client: httpx.AsyncClient) -> Vault | None:
    """None: no vault is named, and nothing is copied. Raises ValueError for what names none."""
    address = settings.vault_address
    if not address:
        return None
    named = urlsplit(address)
    if named.scheme == "file" and not named.netloc and named.path.startswith("/"):
        root = Path(unquote(named.path))
        if settings.vault is None:
            # Only our own place for development is made; elsewhere its absence must be seen.
            with contextlib.suppress(OSError):
                root.mkdir(parents=True, exist_ok=True)
        return FileVault(root)
    prefix = named.path.strip("/")
    if named.scheme == "s3" and BUCKET.fullmatch(named.netloc) and PREFIX.fullmatch(prefix):
        return S3Vault(_bucket(named.netloc, prefix, settings), client=client)
    raise ValueError("RECEIPT_VAULT must be file:///directory, s3://bucket/prefix or empty")


def _bucket(name: str, prefix: str, settings: ReceiptSettings) -> Bucket:
    region = settings.vault_s3_region
    return Bucket(
        name=name,
        prefix=prefix,
        endpoint=settings.vault_s3_endpoint or f"https://s3.{region}.amazonaws.com",
        region=region,
        access_key=settings.vault_s3_access_key,
        secret=settings.vault_s3_secret_words,
        lock=settings.vault_s3_lock,
    )

"""A vault in a bucket of an S3-compatible store: signed by botocore, asked through httpx."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256 as digest_of
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from lxml import etree

from chassis.canonical import sha256_hex
from services.receipt.domain.keeping.errors import (
    VaultCopyDiffers,
    VaultUnavailable,
    WrongAddress,
)
from services.receipt.ports.keeping import BYTES_MAX
from services.receipt.providers.vaults.address import is_address

ANSWER_BYTES_MAX: Final = 1024 * 1024
CODE_MAX: Final = 64
SET_ASIDE: Final = "set-aside"
# Stores count days from midnight UTC; one more is not one too few anywhere in the world.
LOCKED_UNTIL: Final = "{day}T23:59:59Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """`endpoint` with scheme and host; `lock`: GOVERNANCE, COMPLIANCE or nothing, for each object
    until the last day on which it must be there."""

    name: str
    prefix: str
    endpoint: str
    region: str
    access_key: str
    secret: str = field(repr=False)
    lock: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """What the store calls it; never its sentence, which may repeat a key."""
        said = _texts(self.body, "Code") if self.body.startswith(b"<") else ()
        return (said[0] if said else str(self.status))[:CODE_MAX]


class S3Vault:
    def __init__(self, bucket: Bucket, *, client: httpx.AsyncClient) -> None:
        self._bucket = bucket
        self._client = client
        self._auth = S3SigV4Auth(Credentials(bucket.access_key, bucket.secret), "s3", bucket.region)

    async def put(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> bool:
        _require_address(sha256, body)
        answer = await self._store(self._key(sha256), body, keep_until, {"If-None-Match": "*"})
        if answer.status not in (200, 412):
            raise VaultUnavailable(answer.code)
        there = await self.get(sha256)
        if there is None or sha256_hex(there) != sha256:
            raise VaultCopyDiffers(sha256)
        return answer.status == 200

    async def get(self, sha256: str) -> bytes | None:
        answer = await self._ask("GET", self._key(sha256), bytes_max=BYTES_MAX)
        if answer.status == 404 and answer.code == "NoSuchKey":
            return None
        if answer.status != 200:
            raise VaultUnavailable(answer.code)
        return answer.body

    async def size_of(self, sha256: str) -> int | None:
        answer = await self._ask("HEAD", self._key(sha256))
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise VaultUnavailable(answer.code)
        return int(answer.headers.get("content-length", "0"))

    async def list_page(self, prefix: str, *, after: str, limit: int) -> Sequence[str]:
        query = {"list-type": "2", "max-keys": str(limit), "prefix": self._key(prefix)}
        if after:
            query["start-after"] = self._key(after)
        answer = await self._ask("GET", "", query=query)
        if answer.status != 200:
            raise VaultUnavailable(answer.code)
        names = [key.rpartition("/")[2] for key in _texts(answer.body, "Key")]
        return [name for name in names if is_address(name)]

    async def mend(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> None:
        _require_address(sha256, body)
        wrong = await self.get(sha256)
        if wrong is not None and sha256_hex(wrong) != sha256:
            aside = f"{SET_ASIDE}/{sha256}.{sha256_hex(wrong)}"
            await self._require_stored(self._key(aside), wrong, None)
        await self._require_stored(self._key(sha256), body, keep_until)
        there = await self.get(sha256)
        if there is None or sha256_hex(there) != sha256:
            raise VaultCopyDiffers(sha256)

    async def delete(self, sha256: str) -> None:
        answer = await self._ask("DELETE", self._key(sha256))
        if answer.status not in (200, 204):
            raise VaultUnavailable(answer.code)

    async def _require_stored(self, key: str, body: bytes, keep_until: date | None) -> None:
        answer = await self._store(key, body, keep_until, {})
        if answer.status != 200:
            raise VaultUnavailable(answer.code)

    async def _store(
        self, key: str, body: bytes, keep_until: date | None, headers: Mapping[str, str]
    ) -> _Answer:
        """The store refuses bytes that did not arrive as they were sent."""
        checksum = b64encode(digest_of(body).digest()).decode()
        headers = {
            **headers,
            "x-amz-checksum-sha256": checksum,
            "x-amz-sdk-checksum-algorithm": "SHA256",
        }
        if self._bucket.lock and keep_until is not None:
            headers["x-amz-object-lock-mode"] = self._bucket.lock
            headers["x-amz-object-lock-retain-until-date"] = LOCKED_UNTIL.format(day=keep_until)
        return await self._ask("PUT", key, body=body, headers=headers)

    async def _ask(
        self,
        method: str,
        key: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> _Answer:
        bucket = self._bucket
        url = f"{bucket.endpoint.rstrip('/')}/{quote(bucket.name)}"
        url += f"/{quote(key)}" if key else ""
        if query:
            url += "?" + urlencode(query, quote_via=quote, safe="-_.~")
        signed = AWSRequest(method=method, url=url, data=body, headers=dict(headers or {}))
        self._auth.add_auth(signed)
        # As it lies there: what is packed for the way could be far larger than what was read.
        sent = {**dict(signed.headers.items()), "Accept-Encoding": "identity"}
        try:
            async with self._client.stream(method, url, content=body, headers=sent) as answer:
                raw = b""
                async for part in answer.aiter_raw():
                    raw += part
                    if len(raw) > bytes_max:
                        break
                return _Answer(
                    status=answer.status_code, body=raw[: bytes_max + 1], headers=answer.headers
                )
        except httpx.HTTPError as error:
            raise VaultUnavailable(type(error).__name__) from error

    def _key(self, name: str) -> str:
        return f"{self._bucket.prefix}/{name}" if self._bucket.prefix else name


def _require_address(sha256: str, body: bytes) -> None:
    if len(body) > BYTES_MAX or not is_address(sha256) or sha256_hex(body) != sha256:
        raise WrongAddress


def _texts(raw: bytes, name: str) -> Sequence[str]:
    """Of every element of this name. A store is asked by us, and still not trusted to be one."""
    parser: Any = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise VaultUnavailable("its answer is no XML") from None
    return [one.text or "" for one in root.iter(f"{{*}}{name}")]

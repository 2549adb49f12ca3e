from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import respx
from fastapi import FastAPI, Response

from chassis.auth import CallerDep, TokenMinter, TokenVerifier, require
from chassis.http import create_api
from chassis.testing import FakeIds, FrozenClock
from services.notification.channels import receipt_documents
from services.notification.channels.receipt_documents import HttpReceiptDocuments
from services.notification.domain.errors import DocumentsUnavailable
from tests.notification.samples import RECEIPT_ID

CLOCK = FrozenClock()
ORIGIN = "http://receipt.test"


def receipt_service(keys_dir: Path) -> FastAPI:
    """The door of the receipt service: the same lock, and one document of each kind."""
    app = create_api(
        title="Receipt",
        service="receipt",
        verifier=TokenVerifier.from_directory(
            "receipt",
            keys_dir / "internal",
            callers={"notification": {"service": frozenset({"receipt.read"})}},
            clock=CLOCK,
        ),
        clock=CLOCK,
        ids=FakeIds(),
    )

    @app.get("/v1/receipts/{receipt_id}/{kind}")
    async def document(receipt_id: str, kind: str, caller: CallerDep) -> Response:
        require(caller, "receipt.read")
        assert (caller.subject, caller.kind) == ("notification", "service")
        return Response(f"{kind} of {receipt_id}")

    return app


def documents(client: httpx.AsyncClient, keys_dir: Path) -> HttpReceiptDocuments:
    minter = TokenMinter.from_directory(
        "notification", keys_dir / "internal", clock=CLOCK, ids=FakeIds()
    )
    return HttpReceiptDocuments(client, minter=minter)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=ORIGIN) as opened:
        yield opened


async def test_both_files_are_fetched_through_the_locked_door(keys_dir: Path) -> None:
    transport = httpx.ASGITransport(receipt_service(keys_dir))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        fetched = await documents(client, keys_dir).fetch(RECEIPT_ID)

    assert fetched.pdf == f"pdf of {RECEIPT_ID}".encode()
    assert fetched.xml == f"xml of {RECEIPT_ID}".encode()


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
async def test_an_answer_without_the_file_means_not_now(
    client: httpx.AsyncClient, keys_dir: Path, status: int
) -> None:
    with respx.mock:
        respx.get(f"{ORIGIN}/v1/receipts/{RECEIPT_ID}/pdf").respond(status)
        with pytest.raises(DocumentsUnavailable):
            await documents(client, keys_dir).fetch(RECEIPT_ID)


async def test_a_wire_error_means_not_now(client: httpx.AsyncClient, keys_dir: Path) -> None:
    with respx.mock:
        respx.get(f"{ORIGIN}/v1/receipts/{RECEIPT_ID}/pdf").mock(
            side_effect=httpx.ReadTimeout("no")
        )
        with pytest.raises(DocumentsUnavailable):
            await documents(client, keys_dir).fetch(RECEIPT_ID)


@pytest.mark.parametrize("content", [b"", b"x" * 101])
async def test_an_empty_or_endless_file_means_not_now(
    client: httpx.AsyncClient,
    keys_dir: Path,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receipt_documents, "DOCUMENT_BYTES_MAX", 100)
    with respx.mock:
        respx.get(f"{ORIGIN}/v1/receipts/{RECEIPT_ID}/pdf").respond(content=content)
        with pytest.raises(DocumentsUnavailable):
            await documents(client, keys_dir).fetch(RECEIPT_ID)

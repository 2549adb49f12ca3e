"""From the vault back into the database: only what is lost or wrong there, only where it fits."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.canonical import sha256_hex
from services.receipt.domain.receipts.receipt import Document, Form
from services.receipt.ports.keeping import IssuedReceipt, OpenKeeping, Vault

PAGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A file that a receipt should have, by the digest that the books have of it."""

    receipt: IssuedReceipt
    form: Form
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`lost`: neither the database nor the vault has bytes that fit."""

    looked_at: int
    restored: int
    lost: Sequence[Expected] = ()


async def each_expected(*, open_keeping: OpenKeeping) -> AsyncIterator[Expected]:
    """Of every issued receipt: its XML by the receipt itself, its PDF by what was kept. What was
    removed because its time was over is expected no more."""
    after: UUID | None = None
    while True:
        async with open_keeping() as keeping:
            receipts = await keeping.originals.list_issued(after=after, limit=PAGE)
            ids = [one.id for one in receipts]
            kept = await keeping.kept.list_of(ids)
            removed = await keeping.kept.list_removed(ids)
        pages = {one.receipt_id: one.sha256 for one in kept if one.form is Form.PDF}
        for one in receipts:
            if (one.id, Form.XML) not in removed:
                yield Expected(receipt=one, form=Form.XML, sha256=one.xml_sha256)
            if one.id in pages:
                yield Expected(receipt=one, form=Form.PDF, sha256=pages[one.id])
        if len(receipts) < PAGE:
            return
        after = receipts[-1].id


async def restore_documents(*, open_keeping: OpenKeeping, vault: Vault) -> Restored:
    looked_at, restored = 0, 0
    lost: list[Expected] = []
    async for wanted in each_expected(open_keeping=open_keeping):
        looked_at += 1
        async with open_keeping() as keeping:
            stored = await keeping.originals.find(wanted.receipt.id, wanted.form)
        if stored is not None and sha256_hex(stored.body) == wanted.sha256:
            continue
        copy = await vault.get(wanted.sha256)
        if copy is not None and await _restore(wanted, copy, open_keeping):
            restored += 1
        else:
            lost.append(wanted)
    return Restored(looked_at=looked_at, restored=restored, lost=tuple(lost))


async def _restore(wanted: Expected, copy: bytes, open_keeping: OpenKeeping) -> bool:
    document = Document(
        receipt_id=wanted.receipt.id, form=wanted.form, body=copy, sha256=wanted.sha256
    )
    async with open_keeping() as keeping:
        return await keeping.originals.restore(document)

"""Signed files packed as they are: stored, dateless, in order, with a list of their digests."""

import asyncio
from collections.abc import Sequence
from io import BytesIO
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from chassis.canonical import canonical_json
from services.receipt.domain.receipts.receipt import Document, Receipt

MANIFEST: Final = "manifest.json"
DATE: Final = (1980, 1, 1, 0, 0, 0)


class ZipPacker:
    async def pack(self, files: Sequence[tuple[Receipt, Document]]) -> bytes:
        return await asyncio.to_thread(_pack, files)


def _pack(files: Sequence[tuple[Receipt, Document]]) -> bytes:
    named = sorted(((_name(receipt, one), one) for receipt, one in files), key=lambda pair: pair[0])
    manifest = {
        "files": [
            {"bytes": len(one.body), "name": name, "sha256": one.sha256} for name, one in named
        ]
    }
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo(MANIFEST, DATE), canonical_json(manifest))
        for name, one in named:
            archive.writestr(ZipInfo(name, DATE), one.body)
    return packed.getvalue()


def _name(receipt: Receipt, document: Document) -> str:
    """An outside issuer's symbol may hold what separates folders."""
    number = receipt.number
    parts = (number.series.agency_code, number.series.symbol, number.printed)
    safe = "-".join(one.replace("/", "_").replace("\\", "_") for one in parts)
    return f"bien-lai-{safe}.{document.form.value}"

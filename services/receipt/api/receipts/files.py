"""A stored document as an answer. Its bytes never change, so its digest is its ETag."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response

from services.receipt.domain.receipts.receipt import Document, Form, Receipt

MEDIA_TYPES: Final[Mapping[Form, str]] = {
    Form.XML: "application/xml",
    Form.PDF: "application/pdf",
}


def file_answer(form: Form) -> dict[int | str, dict[str, Any]]:
    """What such a route answers with, for its OpenAPI."""
    schema = {"type": "string", "format": "binary"}
    return {
        200: {"description": "The file", "content": {MEDIA_TYPES[form]: {"schema": schema}}},
        304: {"description": "The caller has these very bytes already"},
    }


def as_file(request: Request, receipt: Receipt, document: Document) -> Response:
    etag = f'"{document.sha256}"'
    headers = {
        "ETag": etag,
        # Kept by whoever may see it, never by a shared cache: it holds personal data.
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    if known & {etag, f"W/{etag}", "*"}:
        return Response(status_code=304, headers=headers)
    series = receipt.number.series
    name = f"bien-lai-{series.symbol}-{receipt.number.printed}.{document.form.value}"
    headers["Content-Disposition"] = f'inline; filename="{name}"'
    return Response(document.body, media_type=MEDIA_TYPES[document.form], headers=headers)

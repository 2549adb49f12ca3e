"""Documents: a Typst template and data in, a PDF out; the same bytes for the same words, always."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal

import typst

FONTS_FOLDER: Final = Path(__file__).parent / "fonts"
FONT_FAMILY: Final = "Be Vietnam Pro"

PdfStandard = Literal["a-2b", "a-3b", "a-3a", "ua-1"]


class TypesettingFailed(Exception):
    """The template is wrong or does not fit its data. A fault of ours, never of the caller."""


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS_FOLDER]
    )


def typeset(
    template: Path,
    data: Mapping[str, object],
    *,
    attachments: Mapping[str, bytes] | None = None,
    standards: Sequence[PdfStandard] = (),
) -> bytes:
    """Set a document; any warning of the compiler is a failure, for it may hide a missing font.

    The template reads `json(bytes(sys.inputs.data))`. An attachment named `x` waits as text in
    `sys.inputs.at("attachment:x")`; for PDF/A, `pdf.attach` it with a description. The template
    must set the document's date from its data: nothing here looks at a clock. It takes some
    milliseconds of CPU, so call it from a thread.
    """
    inputs = {"data": json.dumps(data, ensure_ascii=False, allow_nan=False)}
    for name, raw in (attachments or {}).items():
        inputs[f"attachment:{name}"] = raw.decode("utf-8")
    try:
        document, warnings = typst.compile_with_warnings(
            template,
            root=template.parent,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=list(standards),
        )
    except RuntimeError as error:  # TypstError is one; a template that is not there is plain.
        raise TypesettingFailed(f"{template.name}: {error}") from error
    if warnings:
        said = "; ".join(warning.message for warning in warnings)
        raise TypesettingFailed(f"{template.name}: {said}")
    if not isinstance(document, bytes):
        raise TypesettingFailed(f"{template.name}: the compiler gave no document.")
    return document

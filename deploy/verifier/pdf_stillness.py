"""What the file of a receipt may hold: pages that lie still, one original, and one signature.

A genuine signature does not make a PDF harmless: a signer's key may sign any other document too,
or one that was made ready to change its looks. So whatever a receipt never has is refused here,
within bounds of objects, pages and unpacked bytes, before anything else of the file is believed.
"""

from collections.abc import Iterator, Mapping, Set
from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import (
    DecodeLimits,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionType

from deploy.verifier.verdict import Broken, require

# What pyHanko lets out when a file is not what it says.
UNREADABLE: Final = (
    PdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    OverflowError,
)
# A receipt of three hundred lines has two thousand objects on forty-four pages.
OBJECTS_MAX: Final = 20_000
PAGES_MAX: Final = 400
DEPTH_MAX: Final = 40
UNPACKED_BYTES_MAX: Final = 4 * 1024 * 1024
LIMITS: Final = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=UNPACKED_BYTES_MAX),
    document_budget=DocumentDecodeBudget(base_allowance=4 * UNPACKED_BYTES_MAX, max_ratio=1),
)
# The page as it was set, and what the signature added.
REVISIONS: Final = 2
SIGNING_CHANGES: Final[Mapping[str, Set[str]]] = {
    "/Catalog": {"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Perms", "/Version"},
    "/Page": {"/Annots"},
}
# Whatever does something by itself, shows something else at another time, or leads elsewhere.
FORBIDDEN: Final = frozenset(
    {
        "/AA",
        "/Alternates",
        "/Collection",
        "/Encrypt",
        "/JS",
        "/JavaScript",
        "/OCProperties",
        "/OPI",
        "/OpenAction",
        "/PieceInfo",
        "/Ref",
        "/RichMediaContent",
        "/Threads",
        "/XFA",
        "/XRefStm",
    }
)
ANNOTATIONS: Final = frozenset({"/Link", "/Widget"})
ACTIONS: Final = frozenset({"/URI"})
FILTERS: Final = frozenset({"/FlateDecode"})


def open_still(raw: bytes) -> PdfFileReader:
    """Raises Broken unless the file is of the kind that a receipt is set and signed as."""
    try:
        reader = PdfFileReader(BytesIO(raw), decode_limits=LIMITS)
        _require_plain_table(reader)
        objects = _objects(reader)
        for one in objects.values():
            _require_still(one)
        held = [one for one in objects.values() if isinstance(one, dict) and "/EF" in one]
        require(len(held) == 1, "it carries no original, or more than one")
        pages = [one for one in objects.values() if _type_of(one) == "/Page"]
        require(
            0 < len(pages) <= PAGES_MAX and reader.root["/Pages"]["/Count"] == len(pages),
            "it has more pages than any receipt, or hides some",
        )
        _require_signing_alone(reader)
    except UNREADABLE as error:
        raise Broken("it cannot be read as a PDF with one signature") from error
    return reader


def _require_plain_table(reader: PdfFileReader) -> None:
    require("/Encrypt" not in reader.trailer, "it is encrypted")
    table = reader.xrefs
    require(table.total_revisions == REVISIONS, "it was changed between setting and signing")
    kinds = {table.get_xref_container_info(number).xref_section_type for number in range(REVISIONS)}
    require(kinds == {XRefSectionType.STANDARD}, "its objects are listed in another way")


def _objects(reader: PdfFileReader) -> Mapping[generic.Reference, Any]:
    found = {
        one for number in range(REVISIONS) for one in reader.xrefs.explicit_refs_in_revision(number)
    }
    require(len(found) <= OBJECTS_MAX, "it has more objects than any receipt")
    return {one: _object(reader, one) for one in found}


def _object(reader: Any, one: generic.Reference) -> Any:
    return reader.get_object(one)


def _require_still(found: Any) -> None:
    for one in _dictionaries(found, DEPTH_MAX):
        bad = FORBIDDEN & one.keys()
        require(not bad, f"it has parts that no receipt has: {min(bad, default='')}")
        kind = _type_of(one)
        subtype = str(one.get("/Subtype", ""))
        if kind == "/Annot" or "/Rect" in one:
            require(subtype in ANNOTATIONS, f"there lies something on a page: {subtype}")
        for name in ("/A", "/PA"):
            action = one.get(name)
            if isinstance(action, dict) and "/S" in action:
                require(str(action["/S"]) in ACTIONS, f"a page does something: {action['/S']}")
        if isinstance(one, generic.StreamObject):
            require("/F" not in one, "a part of it lies outside")
            filters = one.get("/Filter", [])
            named = filters if isinstance(filters, list) else [filters]
            known = len(named) <= 1 and set(map(str, named)) <= FILTERS
            require(known, "a part of it is packed in another way")


def _dictionaries(found: Any, depth: int) -> Iterator[Any]:
    """Those within one object; what it only refers to is an object of its own."""
    require(depth > 0, "its parts are nested deeper than any receipt's")
    if isinstance(found, generic.DictionaryObject):
        yield found
        for name in found:
            yield from _dictionaries(found.raw_get(name), depth - 1)
    elif isinstance(found, generic.ArrayObject):
        for place in range(len(found)):
            yield from _dictionaries(found.raw_get(place), depth - 1)


def _require_signing_alone(reader: PdfFileReader) -> None:
    """The last revision adds the signature and its proofs, and touches nothing that is seen."""
    before, table = reader.get_historical_resolver(0), reader.xrefs
    replaced = table.explicit_refs_in_revision(0) & table.explicit_refs_in_revision(1)
    for one in replaced:
        old, new = _object(before, one), _object(reader, one)
        kind = _type_of(new)
        if one == reader.trailer.raw_get("/Info").reference or kind == "/Metadata":
            continue
        allowed = SIGNING_CHANGES.get(kind, frozenset())
        same = bool(allowed) and _written(old, allowed) == _written(new, allowed)
        require(same, "signing changed what is seen")


def _written(found: Any, without: Set[str]) -> Mapping[str, bytes]:
    parts: dict[str, bytes] = {}
    for name in found.keys() - without:
        spelled = BytesIO()
        found.raw_get(name).write_to_stream(spelled, None)
        parts[name] = spelled.getvalue()
    return parts


def _type_of(found: Any) -> str:
    return str(found["/Type"]) if isinstance(found, dict) and "/Type" in found else ""

"""XML of strangers: no document type, no entity, no network, UTF-8 alone, and not without end."""

import re
from typing import Final

from lxml import etree

from services.receipt.providers.outside.adapter import UnusableReply

# What XML 1.0 cannot carry at all.
NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse_xml(raw: bytes) -> etree._Element:
    """Raises UnusableReply."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UnusableReply("not UTF-8") from None
    # Looked for before parsing: an entity that is never declared is never expanded.
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise UnusableReply("a document type in XML")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise UnusableReply("no XML") from None


def texts_of(root: etree._Element, name: str) -> list[str]:
    """What stands in the elements of this name, whatever their namespace."""
    return [
        (element.text or "").strip()
        for element in root.iter()
        if isinstance(element.tag, str) and etree.QName(element).localname == name
    ]


def one_text(root: etree._Element, *names: str) -> str | None:
    """What the first of these names says that occurs; None when it is said in two ways."""
    for name in names:
        said = set(texts_of(root, name))
        if said:
            return said.pop() if len(said) == 1 else None
    return None


def clean(text: str) -> str:
    return NOT_XML.sub("", text)

"""Which letters a name or an address may have: those that every document of ours can print."""

from typing import Final
from unicodedata import normalize

# Latin with the accents of Vietnamese and of Europe, as passports have them, and plain marks.
# Archival PDFs refuse a letter without a glyph; better to say so at the desk than after payment.
PRINTABLE_PATTERN: Final = (
    "^[ -~\u00c0-\u0131\u0134-\u0137\u0139-\u013e\u0141-\u0148\u014c-\u017e"
    "\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9\u2013\u2014\u2018\u2019\u201c\u201d]+$"
)


def tidied(text: str) -> str:
    """One spelling for one word: composed accents, single spaces, none at the ends."""
    return " ".join(normalize("NFC", text).split())

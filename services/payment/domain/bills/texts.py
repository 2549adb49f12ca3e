"""Words that billers send, as they may be printed."""

import re
from typing import Final
from unicodedata import normalize

# Controls, lone surrogates, non-characters, and the mark of a letter that could not be read.
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd\ufffe\uffff]")


def is_printable(text: str) -> bool:
    return _UNFIT.search(text) is None


def one_line(text: str) -> str:
    """Composed letters and single spaces. Raises ValueError for what nobody can print."""
    tidy = " ".join(normalize("NFC", text).split())
    if not tidy or not is_printable(tidy):
        raise ValueError("must have letters, and only such as can be printed")
    return tidy

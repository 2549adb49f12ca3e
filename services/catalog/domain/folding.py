"""Vietnamese text as people type it without a Vietnamese keyboard."""

import unicodedata


def fold(text: str) -> str:
    """Lower case, no accents, đ as d, single spaces, nothing unprintable."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    kept = "".join(
        character if character.isprintable() else " "
        for character in decomposed
        if not unicodedata.combining(character)
    )
    return " ".join(kept.split())

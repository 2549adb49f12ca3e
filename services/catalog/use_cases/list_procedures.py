from collections.abc import Sequence
from datetime import date
from typing import Final

from services.catalog.domain.folding import fold
from services.catalog.domain.procedure import Procedure
from services.catalog.ports import ProcedureSearch, Reading

WORDS_MAX: Final = 8


async def list_procedures(
    *,
    q: str,
    agency_code: str | None,
    on: date,
    after: str,
    limit: int,
    reading: Reading,
) -> Sequence[Procedure]:
    """Every word of q must occur, in any order, with or without its accents."""
    words = tuple(dict.fromkeys(fold(q).split()))[:WORDS_MAX]
    search = ProcedureSearch(on=on, words=words, agency_code=agency_code, after=after, limit=limit)
    async with reading:
        return await reading.procedures.list_found(search)

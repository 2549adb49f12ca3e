from collections.abc import Sequence

from services.dossier.domain.dossier import Dossier
from services.dossier.ports import DossierFilter, Reading


async def list_dossiers(
    wanted: DossierFilter, *, limit: int, reading: Reading
) -> tuple[Sequence[Dossier], bool]:
    """The newest first, and whether older ones remain."""
    async with reading:
        found = await reading.dossiers.list_newest(wanted, limit=limit + 1)
    return found[:limit], len(found) > limit

"""The code a citizen is given: receiving unit, local day, and the order of that day."""

from dataclasses import dataclass
from datetime import date
from typing import Final

# National codes read left to right (H19.25) or in the older four-group form (000.00.10.H10).
AGENCY_CODE: Final = r"(?:H[0-9]{2}(?:\.[0-9]{1,3}){0,5}|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.H[0-9]{2})"
AGENCY_CODE_PATTERN: Final = rf"^{AGENCY_CODE}$"
DOSSIER_CODE_PATTERN: Final = rf"^{AGENCY_CODE}-[0-9]{{6}}-[0-9]{{4,5}}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierCode:
    agency_code: str
    day: date
    number: int

    def __str__(self) -> str:
        # Four digits are the custom; the ten-thousandth dossier of a day simply gets a fifth.
        return f"{self.agency_code}-{self.day:%y%m%d}-{self.number:04d}"

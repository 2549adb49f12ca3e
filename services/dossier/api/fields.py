"""Fields that several bodies share, with every limit in the schema."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from services.dossier.domain.dossier_code import AGENCY_CODE_PATTERN, DOSSIER_CODE_PATTERN
from services.dossier.domain.fee import QUANTITY_MAX
from services.dossier.domain.printable import PRINTABLE_PATTERN, tidied

CODE_PATTERN = r"^[A-Za-z0-9._-]{1,60}$"


def _tidied(value: object) -> object:
    return tidied(value) if isinstance(value, str) else value


ProcedureCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$"), Field(examples=["1.012784"])
]
AgencyCode = Annotated[
    str, StringConstraints(pattern=AGENCY_CODE_PATTERN, max_length=40), Field(examples=["H19.25"])
]
DossierCodeText = Annotated[
    str,
    StringConstraints(pattern=DOSSIER_CODE_PATTERN, max_length=60),
    Field(examples=["H19.25-261123-0001"]),
]
LineCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
CaseCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
GroupCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=QUANTITY_MAX)]

PrintableName = Annotated[
    str,
    BeforeValidator(_tidied),
    StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE_PATTERN),
    Field(examples=["Nguyễn Thị Ánh Tuyết"]),
]
PrintableAddress = Annotated[
    str,
    BeforeValidator(_tidied),
    StringConstraints(min_length=1, max_length=300, pattern=PRINTABLE_PATTERN),
]
# A citizen's number, a passport, or an organisation's tax code.
IdentityNumber = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Z-]{6,20}$"), Field(examples=["075184001234"])
]
Email = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=254
    ),
    AfterValidator(str.lower),
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .-]{6,18}[0-9]$")]

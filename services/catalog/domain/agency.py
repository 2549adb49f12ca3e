import re
from dataclasses import dataclass
from typing import Final

from services.catalog.domain.errors import BadAccount, BadCode, Empty
from services.catalog.domain.period import Period

# Both generations of codes are in use: H19.25 and, older, 000.00.25.H19.
AGENCY_CODE: Final = r"^(?:H\d{2}(?:\.\d{1,3}){0,5}|\d{3}\.\d{2}\.\d{2}\.H\d{2})$"
TAX_CODE: Final = r"^\d{10}(?:-\d{3})?$"
BANK_BIN: Final = r"^\d{6}$"
# At most what tag 38 of an EMVCo code holds for an account.
ACCOUNT_NUMBER: Final = r"^\d{6,19}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionAccount:
    """Where the fees of an agency arrive."""

    bank_bin: str
    account_number: str
    account_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A body that receives dossiers and collects their fees."""

    code: str
    name: str
    address: str
    tax_code: str
    phone: str | None
    collection_account: CollectionAccount
    period: Period

    def __post_init__(self) -> None:
        if not matches(AGENCY_CODE, self.code):
            raise BadCode("an agency", self.code)
        for field in ("name", "address"):
            if not getattr(self, field).strip():
                raise Empty(f"Agency {self.code}", field)
        if not matches(TAX_CODE, self.tax_code):
            raise BadCode("a taxpayer", self.tax_code)
        account = self.collection_account
        if not matches(BANK_BIN, account.bank_bin):
            raise BadAccount(self.code, "the bank's BIN is six digits")
        if not matches(ACCOUNT_NUMBER, account.account_number):
            raise BadAccount(self.code, "the number is 6 to 19 digits")
        if not account.account_name.strip():
            raise BadAccount(self.code, "it has no name")


def matches(pattern: str, value: str) -> bool:
    # fullmatch, because $ alone lets a trailing line end through.
    return re.fullmatch(pattern, value, flags=re.ASCII) is not None

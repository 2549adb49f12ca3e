"""What was agreed with a provider about its files: `<keys_dir>/settlement/<provider>.json`.

    {"format": "csv", "fee": {"basis_points": 110, "fixed": 0, "tolerance": 0}, "signed": true,
     "paid_to": {"bank_bin": "970436", "account_number": "0011004000111"}}

All of it may be left out, and so may the file; without `paid_to` the ledger keeps an account of
its own for what the provider pays out. Where `<provider>.pub.pem` lies beside it, or
`signed` is true, a file without that key's signature is refused.
"""

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.payment.domain.errors import UnknownProvider, WrongSettlementSignature
from services.payment.domain.settlements.bank_account import BankAccount
from services.payment.domain.settlements.difference import FeeRate
from services.payment.domain.settlements.file import FileFormat, SettlementTerms
from services.payment.providers.settlement_files.signature import (
    SIGNATURE_BYTES_MAX,
    check_signature,
    key_path,
    load_signing_key,
)

# No bank has this number: nobody has said yet where the money goes.
NO_BANK: Final = "000000"
NAME: Final = re.compile(r"[a-z0-9-]{1,32}")


class BadTermsFile(ValueError):
    """Nothing is guessed about money: the file has to be mended."""


class _Fee(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    basis_points: Annotated[int, Field(ge=0, le=10_000)] = 0
    fixed: Annotated[int, Field(ge=0, le=10**9)] = 0
    tolerance: Annotated[int, Field(ge=0, le=10**6)] = 0


class _PaidTo(BaseModel):
    model_config = ConfigDict(extra="forbid")

    bank_bin: Annotated[str, Field(pattern=r"^[0-9]{3,8}$")]
    account_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,30}$")]


class _Terms(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: FileFormat | None = None
    fee: _Fee | None = None
    paid_to: _PaidTo | None = None
    signed: bool = False


class TermsFolder:
    """Reads what lies in the folder at each question: keys are changed without a restart."""

    def __init__(self, keys_dir: Path) -> None:
        self._keys_dir = keys_dir

    def terms_of(self, provider: str) -> SettlementTerms:
        if not NAME.fullmatch(provider):
            raise UnknownProvider(provider[:40])
        path = self._keys_dir / "settlement" / f"{provider}.json"
        try:
            said = _Terms.model_validate_json(path.read_bytes()) if path.exists() else _Terms()
        except ValidationError as error:
            raise BadTermsFile(f"settlement/{path.name}: {error.errors()[0]['msg']}") from None
        fee = said.fee
        return SettlementTerms(
            format=said.format,
            must_sign=said.signed or key_path(self._keys_dir, provider).exists(),
            fee=FeeRate(fee.basis_points, fee.fixed, fee.tolerance) if fee else None,
            paid_to=_account(said.paid_to, provider),
        )

    def signer_of(self, provider: str, *, digest: bytes, signature: bytes | None) -> str | None:
        """The key that signed the file; raises where one has to and none has."""
        if not self.terms_of(provider).must_sign:
            return None
        if signature is None or len(signature) > SIGNATURE_BYTES_MAX:
            raise WrongSettlementSignature(provider)
        if not key_path(self._keys_dir, provider).exists():
            raise WrongSettlementSignature(provider)
        key, name = load_signing_key(self._keys_dir, provider)
        if not check_signature(key, signature, digest):
            raise WrongSettlementSignature(provider)
        return name


def _account(said: _PaidTo | None, provider: str) -> BankAccount:
    if said is None:
        return BankAccount(NO_BANK, provider.replace("-", "")[:30] or "0")
    return BankAccount(said.bank_bin, said.account_number)

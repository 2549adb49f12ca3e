from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings
from services.receipt.domain.receipts.paper import Paper
from services.receipt.domain.signing.level import SignatureLevel


class ReceiptSettings(ServiceSettings):
    """RECEIPT_* variables."""

    model_config = SettingsConfigDict(env_prefix="RECEIPT_")

    # Where the QR on a receipt leads; printed, so it must live as long as the receipts do.
    # Empty: the page of the gateway, below `public_origin`.
    lookup_page: str = ""

    # Make each PDF soon after its receipt; otherwise when somebody first asks for it.
    pdfs_ahead: bool = True

    # Number receipts only from series that an accountant planned, or that renew such ones, under a
    # registration (01/ĐKTĐ-CTĐT) that the tax office accepted. Otherwise one begins by itself.
    series_must_be_registered: bool = False

    # How large the page is: a5 or a4. A receipt has one PDF, in the size of the day it was made.
    paper: Paper = Paper.A5

    # How much proof a signature brings along (B-B, B-T, B-LT). Above B-B nothing is issued that
    # the time-stamping authority, and for B-LT an authority's revocation list, does not back.
    signature_level: SignatureLevel = SignatureLevel.B_B
    tsa_url: str = ""
    # Of the authorities of signers and of the time stamper, as JSON: ["http://…/ca.crl", …].
    revocation_lists: tuple[str, ...] = ()
    # Ask the responders that certificates name (OCSP); then lists are for those that name none.
    ocsp: bool = False

    # Who plays the outside issuers whose files name no address.
    issuer_sandbox_url: str = "http://127.0.0.1:8416"
    issuer_timeout_seconds: float = Field(default=5.0, gt=0)
    # How many days an outside receipt is compared with its issuer's books.
    outside_check_days: int = Field(default=7, ge=1, le=366)

    # Where copies of signed documents lie: `file:///…` or `s3://bucket/prefix`; empty: nowhere.
    # Unset, for development: the directory `vault` beside `keys_dir`.
    vault: str | None = None
    # Empty: Amazon's of the region.
    vault_s3_endpoint: str = ""
    vault_s3_region: str = "us-east-1"
    vault_s3_access_key: str = ""
    vault_s3_secret: SecretStr = SecretStr("")
    # A file with the secret alone, in the place of the variable.
    vault_s3_secret_file: Path | None = None
    # Ask the store to refuse any removal before the document's time is over.
    vault_s3_lock: Literal["", "GOVERNANCE", "COMPLIANCE"] = ""
    # Within how many days every copy is read again and compared.
    keeping_check_days: int = Field(default=30, ge=1, le=3660)
    # Remove from the vault what is past its time and not on hold. Otherwise it is only listed.
    retention_deletes: bool = False

    @model_validator(mode="after")
    def _has_whom_to_ask(self) -> Self:
        stamped = self.signature_level is not SignatureLevel.B_B
        lasting = self.signature_level is SignatureLevel.B_LT
        told = bool(self.revocation_lists) or self.ocsp
        if (stamped and not self.tsa_url) or (lasting and not told):
            raise ValueError(
                "RECEIPT_SIGNATURE_LEVEL needs RECEIPT_TSA_URL and, for B-LT,"
                " RECEIPT_REVOCATION_LISTS or RECEIPT_OCSP"
            )
        return self

    @model_validator(mode="after")
    def _can_open_its_bucket(self) -> Self:
        if (self.vault or "").startswith("s3:"):
            has_secret = self.vault_s3_secret.get_secret_value() or self.vault_s3_secret_file
            if not (self.vault_s3_access_key and has_secret):
                raise ValueError(
                    "an s3 RECEIPT_VAULT needs RECEIPT_VAULT_S3_ACCESS_KEY and"
                    " RECEIPT_VAULT_S3_SECRET or RECEIPT_VAULT_S3_SECRET_FILE"
                )
        return self

    @property
    def vault_address(self) -> str:
        if self.vault is None:
            return (self.keys_dir.resolve().parent / "vault").as_uri()
        return self.vault

    @property
    def vault_s3_secret_words(self) -> str:
        if self.vault_s3_secret_file is not None:
            return self.vault_s3_secret_file.read_text("utf-8").strip()
        return self.vault_s3_secret.get_secret_value()

    @property
    def lookup_address(self) -> str:
        return self.lookup_page or f"{self.public_origin}/tra-cuu-bien-lai"

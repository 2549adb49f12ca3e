from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class ReceiptSettings(ServiceSettings):
    """RECEIPT_* variables."""

    model_config = SettingsConfigDict(env_prefix="RECEIPT_")

    # Where the QR on a receipt leads; printed, so it must live as long as the receipts do.
    # Empty: the page of the gateway, below `public_origin`.
    lookup_page: str = ""

    # Make each PDF soon after its receipt; otherwise when somebody first asks for it.
    pdfs_ahead: bool = True

    # Who plays the outside issuers whose files name no address.
    issuer_sandbox_url: str = "http://127.0.0.1:8416"
    issuer_timeout_seconds: float = Field(default=5.0, gt=0)
    # How many days an outside receipt is compared with its issuer's books.
    outside_check_days: int = Field(default=7, ge=1, le=366)

    @property
    def lookup_address(self) -> str:
        return self.lookup_page or f"{self.public_origin}/tra-cuu-bien-lai"

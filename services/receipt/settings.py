from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class ReceiptSettings(ServiceSettings):
    """RECEIPT_* variables."""

    model_config = SettingsConfigDict(env_prefix="RECEIPT_")

    # Where the QR on a receipt leads; printed, so it must live as long as the receipts do.
    # Empty: the look-up of the interface itself, below `public_origin`.
    lookup_page: str = ""

    # Make each PDF soon after its receipt; otherwise when somebody first asks for it.
    pdfs_ahead: bool = True

    @property
    def lookup_address(self) -> str:
        return self.lookup_page or f"{self.public_origin}/v1/receipt-lookups"

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings
from services.payment.domain.intents.method import Method


class PaymentSettings(ServiceSettings):
    """PAYMENT_* variables."""

    model_config = SettingsConfigDict(env_prefix="PAYMENT_")

    intent_lifetime: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0))
    # None: the sandbox bank, and every provider that is registered by a file.
    providers: tuple[str, ...] | None = None
    # Who reports the transfers that a VietQR code brings to the collection accounts.
    vietqr_provider: str = "sandbox"
    # By method the providers to try, in order, in place of domain/intents/routing.py; as JSON.
    routes: dict[Method, tuple[str, ...]] = Field(default_factory=dict)
    sandbox_bank_url: str = "http://127.0.0.1:8409"
    provider_timeout_seconds: float = Field(default=5.0, gt=0)
    # Refunds of more than this need a second person; 0: every refund does.
    refund_approval_above_minor_units: int = Field(default=0, ge=0)
    # How long after a day a payment may be missing in its provider's file.
    settlement_grace: timedelta = Field(default=timedelta(hours=24), ge=timedelta(0))
    # Decisions on the money of discrepancies of more than this need a second person; 0: all do.
    discrepancy_approval_above_minor_units: int = Field(default=0, ge=0)
    # The agency that answers for money which names no fee and came to no agency's account.
    unplaced_money_agency: str | None = None
    schedule_seconds: float = Field(default=1.0, gt=0)

    @property
    def sealing_keys(self) -> Path:
        """What seals payers on their way to the receipt, and files of bills at rest."""
        return self.keys_dir / "sealing"

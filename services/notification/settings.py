from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from chassis.settings import ServiceSettings
from services.notification.channels.email import Security
from services.notification.domain.sending import DEFAULT_RETRY_SECONDS

Seconds = Annotated[float, Field(ge=0, le=7 * 86_400)]


class NotificationSettings(ServiceSettings):
    """NOTIFICATION_* variables."""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATION_")

    smtp_host: str = "127.0.0.1"
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = 8425
    smtp_security: Security = "none"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 20.0
    smtp_ca_file: Path | None = None
    sender_address: str = "bien-lai@lephi.example.vn"
    sender_name: str = "Cổng thanh toán lệ phí"
    # Where a receipt is looked up; a path is joined to public_origin.
    lookup_url: str = (
        "/tra-cuu-bien-lai?form_code={form_code}&symbol={symbol}&number={number}&code={lookup_code}"
    )
    # Waits between tries, as `5,30,120`; tests and demonstrations give quick ones.
    retry_seconds: Annotated[tuple[Seconds, ...], NoDecode, Field(min_length=1, max_length=20)] = (
        DEFAULT_RETRY_SECONDS
    )
    webhook_failures_max: Annotated[int, Field(ge=1, le=1_000)] = 5
    allow_private_webhooks: bool = False
    poll_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5
    receipt_url: str = "http://127.0.0.1:8404"

    @field_validator("retry_seconds", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return given.split(",") if isinstance(given, str) else given

    @property
    def full_lookup_url(self) -> str:
        return (
            f"{self.public_origin}{self.lookup_url}"
            if self.lookup_url[:1] == "/"
            else (self.lookup_url)
        )

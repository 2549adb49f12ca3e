from datetime import timedelta
from pathlib import Path

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class DossierSettings(ServiceSettings):
    """DOSSIER_* variables."""

    model_config = SettingsConfigDict(env_prefix="DOSSIER_")

    # How long a payer may take before the fee request is overdue.
    pay_within: timedelta = timedelta(days=10)
    # The page a slip sends people to; the public origin itself when nothing else is said.
    lookup_url: str | None = None

    @property
    def slip_lookup_url(self) -> str:
        return self.lookup_url or self.public_origin

    @property
    def sealing_keys(self) -> Path:
        return self.keys_dir / "sealing"

    @property
    def internal_keys(self) -> Path:
        return self.keys_dir / "internal"

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class CatalogSettings(ServiceSettings):
    """CATALOG_* variables. The catalogue needs nothing beyond what every service is told."""

    model_config = SettingsConfigDict(env_prefix="CATALOG_")

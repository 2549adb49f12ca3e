"""What every process needs to be told; each service adds its own under its own prefix."""

from pathlib import Path

from pydantic_settings import BaseSettings


class ServiceSettings(BaseSettings):
    """Read from the environment with the prefix of the subclass, e.g. PAYMENT_DATABASE_URL."""

    database_url: str
    broker_url: str = "memory://"
    broker_prefix: str = "lephi"
    keys_dir: Path = Path("var/keys")
    var_dir: Path = Path("var")
    log_level: str = "INFO"
    # What the outside world calls the gateway: signatures are checked against it.
    public_origin: str = "http://127.0.0.1:8400"
    database_pool_size: int = 8
    otlp_endpoint: str | None = None
    # Whom a verifier trusts, as it is published; by default `trust/anchors.json`
    # beside `keys_dir`.
    anchors_file: Path | None = None

    @property
    def published_anchors(self) -> Path:
        return self.anchors_file or self.keys_dir.parent / "trust" / "anchors.json"

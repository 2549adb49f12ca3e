from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings
from gateway.domain.traffic.limits import Limit, Traffic


class GatewaySettings(ServiceSettings):
    """Read from GATEWAY_*."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")

    # Where the services listen when they are processes of their own.
    catalog_url: str = "http://127.0.0.1:8401"
    dossier_url: str = "http://127.0.0.1:8402"
    payment_url: str = "http://127.0.0.1:8403"
    receipt_url: str = "http://127.0.0.1:8404"
    notification_url: str = "http://127.0.0.1:8405"
    upstream_timeout_seconds: float = Field(default=10.0, gt=0, le=60)

    # The services' own API documents, merged into one at /openapi.json.
    openapi_dir: Path = Path("contracts/openapi")
    # Shown at /docs/how-to-sign.
    guide_file: Path = Path("docs/how-to-sign.md")
    # Figures are for the operators' network; a public door keeps them shut.
    metrics_exposed: bool = False

    argon2_time_cost: int = 2
    argon2_memory_kibibytes: int = 19 * 1024
    argon2_at_once_max: int = 2
    totp_period_seconds: int = 30

    # A retiring key is accepted at least so long beside its successor.
    client_key_overlap_days_min: int = Field(default=7, ge=1, le=90)

    # The name of the audit log: a witness knows it by this, so it never changes.
    audit_origin: str = "lephi-audit"
    audit_checkpoint_seconds: float = Field(default=8.0, gt=0, le=10)
    witnesses_file: Path | None = None
    # The worker has no public door: its own figures are shown on this loopback port, if any.
    worker_metrics_port: int | None = None

    # The time-stamping authority (RFC 3161); empty is off. Its roots: <keys_dir>/trust/tsa-ca.
    tsa_url: str = ""
    tsa_stamp_seconds: float = Field(default=3600.0, ge=1)
    # An export of evidence waits so long for the audit log to take up its last records.
    evidence_wait_seconds: float = Field(default=2.0, ge=0, le=2)

    # Whose word we take for where a request comes from (the last entry of X-Forwarded-For).
    # The header in which our terminators hand on a TLS client certificate; empty is off.
    client_certificate_header: str = ""
    terminator_networks: tuple[IPv4Network | IPv6Network, ...] = ()

    # In place of what gateway/domain/traffic/limits.py says; as JSON, by kind of traffic an
    # object of `burst` and `per_second`.
    limits: dict[Traffic, Limit] = Field(default_factory=dict)
    # Requests worked on at once; banks and wallets have a room of their own.
    at_once_max: int = Field(default=192, ge=1)
    callbacks_at_once_max: int = Field(default=64, ge=1)

    # Further apart from the database's clock than this, nothing with a fee goes on.
    clock_difference_seconds_max: float = Field(default=10.0, gt=0, le=60)

    # Passkeys belong to this domain; by default the host of the public origin.
    passkey_rp_id: str | None = None

    # The OpenID providers whose accounts sign in here: {name: {issuer, client_id, …}}.
    federations_file: Path | None = None

    @property
    def relying_party_id(self) -> str:
        return self.passkey_rp_id or urlsplit(self.public_origin).hostname or ""

    @property
    def upstream_origins(self) -> dict[str, str]:
        return {
            "catalog": self.catalog_url,
            "dossier": self.dossier_url,
            "payment": self.payment_url,
            "receipt": self.receipt_url,
            "notification": self.notification_url,
        }

"""BANK_* variables; the command line sets the same by options."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class BankSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BANK_")

    client_id: str = "bank-sandbox"
    gateway_url: str = "http://127.0.0.1:8400"
    key: Path = Path("var/keys/clients/bank-sandbox.key.pem")
    # Without a path the ledger lives in memory.
    ledger: Path | None = None
    tries_max: int = 8
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 10.0
    timeout_seconds: float = 15.0
    in_flight_max: int = 32
    # Registrations of the providers that are played beside the bank; none without it.
    keys_dir: Path | None = None
    # Where payers' browsers and the payment service reach this program.
    own_url: str = "http://127.0.0.1:8409"

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A collection account of ours: where providers pay out to, and the Treasury is paid from."""

    bank_bin: str
    account_number: str

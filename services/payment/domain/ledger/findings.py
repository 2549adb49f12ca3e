"""What a look through the whole ledger found, each question apart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`looked_at` things were held against `question`; `wrong` names some that fail it."""

    question: str
    looked_at: int
    wrong: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.wrong

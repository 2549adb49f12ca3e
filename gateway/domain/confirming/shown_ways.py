"""The ways to pay as a payment's page shows them, and how far a try by each has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# What can be chosen on the page: where the money goes on from here, and how.
BY_CODE: Final = "vietqr"
BY_TRANSFER: Final = "bank_transfer"
BY_BANK: Final = "internet_banking"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBrand:
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMethod:
    """Texts by language. `refusal`: why it cannot be used for this fee now; empty when it can."""

    code: str
    name: Mapping[str, str]
    explanation: Mapping[str, str]
    refusal: Mapping[str, str]
    brands: tuple[ShownBrand, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAttempt:
    """`pay_url` is there while the payer can still go on to the provider's page."""

    method: str
    status: str
    pay_url: str | None
    alias_account: str | None

    @property
    def is_waiting(self) -> bool:
        """Money may be on its way: who pays again now might pay twice."""
        return self.status in ("created", "pending", "unknown")

    @property
    def is_declined(self) -> bool:
        return self.status == "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWays:
    """What is offered online, in the catalogue's order, and what was chosen of it.

    `is_agreed`: somebody has confirmed this fee for the chosen way; `attempt`: the last try by it.
    """

    methods: tuple[ShownMethod, ...] = ()
    chosen: str = BY_CODE
    is_agreed: bool = False
    attempt: ShownAttempt | None = None

    @property
    def method(self) -> ShownMethod | None:
        return next((one for one in self.methods if one.code == self.chosen), None)


def choose(
    asked: str | None, methods: tuple[ShownMethod, ...], attempts: tuple[ShownAttempt, ...]
) -> str:
    """What was asked for, if it is offered; else the way of the last try; else the code."""
    open_ways = {one.code for one in methods if not one.refusal}
    tried = [one.method for one in attempts if one.method != BY_CODE]
    for wanted in (asked, *reversed(tried)):
        if wanted in open_ways:
            return wanted
    return BY_CODE

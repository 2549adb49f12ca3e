"""A provider's message as an engineer has it at hand, and what is known to judge or make it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chassis.keys import PublicKey
from services.payment.domain.notices.provider_notification import ProviderNotice


class Unusable(Exception):
    """What was given is no such message, or too little to judge it by."""


class Needed(dict[str, str]):
    """Secrets or facts; one that is wanted and was not given is asked for by its option."""

    def __init__(self, option: str, given: Mapping[str, str]) -> None:
        super().__init__(given)
        self._option = option

    def __missing__(self, name: str) -> str:
        raise Unusable(f"it needs --{self._option} {name}=…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Header names are lower case. `url` and `key` are for those who sign by RFC 9421."""

    method: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)
    at: datetime
    url: str = ""
    key: PublicKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`notice` None: not authentic, or authentic and not to be read; `reason` says which."""

    authentic: bool
    evidence_level: str
    notice: ProviderNotice | None = None
    reason: str | None = None

    @property
    def reference(self) -> str | None:
        """What names the fee, as far as the provider says it; else the provider's own number."""
        notice = self.notice
        if notice is None:
            return None
        named = notice.references
        return next(
            one
            for one in (
                notice.order_reference,
                notice.bill_number,
                *named.bills,
                notice.alias_account,
                *named.dossiers,
                notice.provider_reference,
            )
            if one
        )


def or_nothing(facts: Mapping[str, str]) -> defaultdict[str, str]:
    """A fact that nobody gave is empty, and an empty merchant is not compared."""
    return defaultdict(str, facts)

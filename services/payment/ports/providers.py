from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
)


class Capability(StrEnum):
    NOTIFIES = "notifies"
    ANSWERS_ENQUIRIES = "answers_enquiries"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAnswer:
    """What a provider says when asked. UNKNOWN: it gave no usable answer, so nothing is known.

    FAILED is a positive word: the provider knows of no money under the reference.
    """

    outcome: Outcome
    notices: tuple[ProviderNotice, ...] = ()
    raw: bytes = field(default=b"", repr=False)
    proof: Mapping[str, str] | None = None
    evidence_level: str = ""


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def client_id(self) -> str:
        """The registered caller whose notices are this provider's."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def settling_evidence_levels(self) -> frozenset[str]:
        """How a notice must be proved to settle at once; never by a weak level."""

    def parse_notification(self, raw: bytes) -> ProviderNotice:
        """Raises UnreadableNotice. The caller's identity was proved before."""

    async def enquire(self, bill_reference: str) -> EnquiryAnswer:
        """Never raises for what the network does: no answer is UNKNOWN."""

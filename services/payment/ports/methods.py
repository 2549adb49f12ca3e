from typing import Protocol

from services.payment.domain.methods.published import MethodSet


class PublishedMethods(Protocol):
    """The last set of ways to pay that the catalogue published."""

    async def find(self) -> MethodSet | None:
        """None as long as none was heard of."""

    async def keep_newest(self, published: MethodSet) -> None:
        """Keep the set unless a newer one is kept: events arrive in any order."""

"""Two words of one provider about one movement of money: at most one of them is in the books.

Which of them does not depend on which came first: what settles a fee outweighs what does not, and
else the larger amount outweighs the smaller. The other becomes a case without money.
"""

from collections.abc import Iterable, Sequence

from services.payment.domain.notices.provider_notification import (
    EarlierWord,
    Outcome,
    ProviderNotice,
)


def in_the_books(words: Iterable[EarlierWord]) -> EarlierWord | None:
    return next((word for word in words if word.is_in_the_books), None)


def outweighs(notice: ProviderNotice, earlier: EarlierWord) -> bool:
    """Of two words neither of which settles a fee."""
    if notice.amount.currency != earlier.amount.currency:
        return notice.amount.currency > earlier.amount.currency
    mine = (notice.amount.minor_units, notice.fingerprint)
    return mine > (earlier.amount.minor_units, earlier.fingerprint)


def denials(words: Iterable[EarlierWord]) -> Sequence[EarlierWord]:
    """Words that said no of money that came after all, and that no case tells of yet."""
    return [word for word in words if word.outcome is Outcome.FAILED and word.case_id is None]

"""What a receipt is, and how it stands after what happened to it since it was signed."""

from enum import StrEnum

from services.receipt.domain.receipts.refund_note import RefundState


class ReceiptType(StrEnum):
    ORIGINAL = "original"
    REPLACEMENT = "replacement"
    INCREASE = "increase"
    DECREASE = "decrease"
    INFORMATION = "information"


class Corrected(StrEnum):
    """Noted on the corrected receipt's row: whoever corrects it takes that row first."""

    REPLACED = "replaced"
    ADJUSTED = "adjusted"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    VALID = "valid"
    REPLACED = "replaced"
    ADJUSTED = "adjusted"
    CANCELLED = "cancelled"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


def standing_after(corrected: Corrected | None, refund: RefundState | None) -> Standing:
    """The word that matters most to whoever holds the paper: it no longer counts; then the money
    went back; then another paper must be read beside it."""
    if corrected in (Corrected.REPLACED, Corrected.CANCELLED):
        return Standing(corrected.value)
    if refund is not None:
        return Standing(refund.value)
    return Standing.VALID if corrected is None else Standing(corrected.value)

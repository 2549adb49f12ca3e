"""How a receipt stands today, in the words that the public reads."""

from enum import StrEnum

from services.receipt.domain.receipts.receipt import Receipt, Status


class ShownStanding(StrEnum):
    BEING_SIGNED = "being_signed"
    VALID = "valid"
    REPLACED = "replaced"
    ADJUSTED = "adjusted"
    CANCELLED = "cancelled"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


def standing_of(receipt: Receipt) -> ShownStanding:
    if receipt.status is Status.NUMBERED:
        return ShownStanding.BEING_SIGNED
    return ShownStanding(receipt.standing.value)

"""Numbers that schemes publish for tests, one for each kind of card."""

from typing import Final

CARD_NUMBERS: Final = (
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "3530111333300000",
    "6011111111111117",
    # Napas, of 16 and 19 digits.
    "9704000000000018",
    "9704198526191432198",
)

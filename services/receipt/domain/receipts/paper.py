"""What a receipt's page is as large as, by the printers of those who hand it out."""

from enum import StrEnum


class Paper(StrEnum):
    A5 = "a5"
    A4 = "a4"

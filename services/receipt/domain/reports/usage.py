"""How the numbers of a series were used in a period, report BC26/BLĐT."""

from dataclasses import dataclass

from services.receipt.domain.series.series import ReceiptSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesUsage:
    """`opened`: whether the series gave its first number in this period."""

    series: ReceiptSeries
    first: int
    last: int
    count: int
    amount: int
    cancelled: int
    replaced: int

    @property
    def opened(self) -> bool:
        return self.first == 1

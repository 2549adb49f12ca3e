from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chassis.tables.table import TableWriter
from services.payment.ports.settlements import SettlementAgreements, SettlementReaders


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTools:
    """What the accountant's desk works with; `writers` by the ending of a file's name."""

    readers: SettlementReaders
    agreements: SettlementAgreements
    writers: Mapping[str, TableWriter]
    grace: timedelta

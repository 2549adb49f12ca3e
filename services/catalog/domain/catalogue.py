from collections.abc import Iterable
from dataclasses import dataclass

from services.catalog.domain.agency import Agency
from services.catalog.domain.errors import Empty, RepeatedEntry
from services.catalog.domain.fee_schedule import FeeSchedule, refuse_overlaps
from services.catalog.domain.payment_method import PaymentMethodNotice
from services.catalog.domain.procedure import Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What somebody asks to publish in one go.

    Agencies, procedures and fees that it does not name stay as they are. Payment methods, when
    named at all, are the whole set: what is missing is withdrawn.
    """

    agencies: tuple[Agency, ...]
    procedures: tuple[Procedure, ...]
    fee_schedules: tuple[FeeSchedule, ...]
    payment_methods: tuple[PaymentMethodNotice, ...] | None = None

    def __post_init__(self) -> None:
        _refuse_repeats("The catalogue", (f"agency {a.code}" for a in self.agencies))
        _refuse_repeats("The catalogue", (f"procedure {p.code}" for p in self.procedures))
        refuse_overlaps(self.fee_schedules)
        if self.payment_methods is not None:
            if not self.payment_methods:
                raise Empty("The catalogue", "payment_methods")
            _refuse_repeats("The catalogue", (f"method {m.code}" for m in self.payment_methods))


def _refuse_repeats(where: str, entries: Iterable[str]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry in seen:
            raise RepeatedEntry(where, entry)
        seen.add(entry)

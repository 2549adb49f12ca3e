"""What a dossier costs: the published schedule applied to one dossier, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from chassis.money import Money
from services.dossier.domain.catalog import (
    ANY,
    PERCENT_MAX,
    Channel,
    FeeKind,
    FeeLine,
    FeeSchedule,
    PayerType,
    Tier,
    Unit,
)
from services.dossier.domain.errors import (
    AmbiguousPrice,
    CaseRequired,
    QuantityMissing,
    QuantityOutOfRange,
    UnknownCase,
    UnknownFeeLine,
)

QUANTITY_MAX: Final = 10_000
CHARGED_KINDS: Final = frozenset({FeeKind.PHI, FeeKind.LE_PHI})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeQuestion:
    """What the price depends on, as the submitter says it."""

    channel: Channel
    payer_type: PayerType
    case_code: str | None = None
    quantities: Mapping[str, int] = field(default_factory=dict)
    exemption_groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedLine:
    """One line as it was charged, kept with the dossier whatever the schedule becomes later."""

    line_code: str
    name: str
    kind: FeeKind
    unit: Unit
    quantity: int
    full_amount: Money
    exempt_percent: int
    exemption_name: str | None
    amount: Money
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    lines: tuple[ChargedLine, ...] = ()

    @property
    def total(self) -> Money:
        return sum((line.amount for line in self.lines), Money.zero())

    @property
    def is_due(self) -> bool:
        return self.total > Money.zero()

    @property
    def payable_lines(self) -> tuple[ChargedLine, ...]:
        """Without the lines an exemption made free: nothing is collected for them."""
        return tuple(line for line in self.lines if line.amount > Money.zero())


def compute_fee(schedule: FeeSchedule, question: FeeQuestion) -> Fee:
    """Phí and lệ phí only; a service price is invoiced elsewhere."""
    case_code = _settle_case(schedule, question.case_code)
    known = {line.line_code for line in schedule.lines}
    for line_code in question.quantities:
        if line_code not in known:
            raise UnknownFeeLine(line_code)
    # Lines of one kind and name are prices of the same charge: one of them is due, never two.
    fitting: dict[tuple[FeeKind, str], list[FeeLine]] = {}
    for line in schedule.lines:
        if line.kind in CHARGED_KINDS and _fits(line, question, case_code):
            fitting.setdefault((line.kind, line.name), []).append(line)
    return Fee(
        lines=tuple(_charge(_most_specific(prices), question) for prices in fitting.values())
    )


def _settle_case(schedule: FeeSchedule, asked: str | None) -> str | None:
    known = {line.case_code for line in schedule.lines if line.case_code != ANY}
    if asked is not None:
        if asked not in known:
            raise UnknownCase(asked)
        return asked
    if len(known) > 1:
        raise CaseRequired(known)
    return next(iter(known), None)


def _fits(line: FeeLine, question: FeeQuestion, case_code: str | None) -> bool:
    return (
        line.case_code in (ANY, case_code)
        and line.payer_type in (ANY, question.payer_type)
        and line.channel in (ANY, question.channel.price_channel)
    )


def _most_specific(prices: list[FeeLine]) -> FeeLine:
    """The price made for this channel before the one for any, then likewise payer and case."""
    ranked = sorted(prices, key=_specificity, reverse=True)
    if len(ranked) > 1 and _specificity(ranked[0]) == _specificity(ranked[1]):
        raise AmbiguousPrice(ranked[0].line_code)
    return ranked[0]


def _specificity(line: FeeLine) -> tuple[bool, bool, bool]:
    return (line.channel != ANY, line.payer_type != ANY, line.case_code != ANY)


def _charge(line: FeeLine, question: FeeQuestion) -> ChargedLine:
    quantity = _quantity(line, question.quantities.get(line.line_code))
    full = _tiered(line.tiers, quantity)
    if line.cap_minor_units is not None:
        full = min(full, line.cap_minor_units)
    exemption = max(
        (e for e in line.exemptions if e.group_code in question.exemption_groups),
        key=lambda exemption: exemption.percent,
        default=None,
    )
    percent = exemption.percent if exemption else 0
    # A broken đồng is forgiven.
    due = full * (PERCENT_MAX - percent) // PERCENT_MAX
    return ChargedLine(
        line_code=line.line_code,
        name=line.name,
        kind=line.kind,
        unit=line.unit,
        quantity=quantity,
        full_amount=Money(full, line.currency),
        exempt_percent=percent,
        exemption_name=exemption.name if exemption else None,
        amount=Money(due, line.currency),
        legal_basis=line.legal_basis,
    )


def _quantity(line: FeeLine, asked: int | None) -> int:
    if line.unit is Unit.DOSSIER:
        if asked not in (None, 1):
            raise QuantityOutOfRange(line.line_code, most=1)
        return 1
    if asked is None:
        raise QuantityMissing(line.line_code, unit=line.unit)
    last = line.tiers[-1].up_to if line.tiers else None
    most = min(QUANTITY_MAX, last or QUANTITY_MAX)
    if not 1 <= asked <= most:
        raise QuantityOutOfRange(line.line_code, most=most)
    return asked


def _tiered(tiers: tuple[Tier, ...], quantity: int) -> int:
    amount, counted = 0, 0
    for tier in tiers:
        end = quantity if tier.up_to is None else min(tier.up_to, quantity)
        amount += max(end - counted, 0) * tier.unit_amount_minor_units
        counted = max(counted, end)
    return amount

"""The chart of accounts, as data: what an account may be called, and what it means.

A name outside the chart is refused here and by the database itself (migrations 0010). A new form
of name is a line here and a migration there; a test compares the two.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from services.payment.domain.errors import AccountOutsideChart


class AccountKind(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class Revenue(StrEnum):
    """What an agency collects; `gia_dich_vu` is the price of a service, such as a bill's."""

    PHI = "phi"
    LE_PHI = "le_phi"
    GIA_DICH_VU = "gia_dich_vu"


UNCLAIMED: Final = "unclaimed"
SUSPENSE_OF_DISCREPANCIES: Final = "suspense:discrepancy"
_SEGMENT: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}"
_AGENCY: Final = rf"(?P<agency>{_SEGMENT})"
_REVENUE: Final = "|".join(Revenue)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForm:
    """One line of the chart. An account of an agency names it in the group `agency`."""

    pattern: str
    kind: AccountKind
    name: str
    vi: str


CHART: Final = (
    AccountForm(
        pattern=rf"provider:{_SEGMENT}:clearing",
        kind=AccountKind.ASSET,
        name="Collected by a provider and not yet paid out",
        vi="Tiền nhà cung cấp đã thu hộ, chưa quyết toán",
    ),
    AccountForm(
        pattern=rf"provider:{_SEGMENT}:fees",
        kind=AccountKind.EXPENSE,
        name="What a provider keeps for its service",
        vi="Phí dịch vụ của nhà cung cấp",
    ),
    AccountForm(
        pattern=r"bank:[0-9]{3,8}:[A-Za-z0-9]{1,30}",
        kind=AccountKind.ASSET,
        name="Settled to a collection account",
        vi="Tiền đã về tài khoản chuyên thu",
    ),
    AccountForm(
        pattern=rf"cash:{_AGENCY}:[A-Za-z0-9][A-Za-z0-9._-]{{0,39}}",
        kind=AccountKind.ASSET,
        name="Cash in a drawer",
        vi="Tiền mặt trong ngăn quỹ",
    ),
    AccountForm(
        pattern=rf"cash-difference:{_AGENCY}",
        kind=AccountKind.EXPENSE,
        name="Cash too little, or (in credit) too much, at a count",
        vi="Thừa, thiếu quỹ khi kiểm kê",
    ),
    AccountForm(
        pattern=rf"agency:{_AGENCY}:(?:{_REVENUE})",
        kind=AccountKind.INCOME,
        name="Earned by an agency, each kind of fee apart",
        vi="Khoản thu của cơ quan theo loại phí, lệ phí, giá dịch vụ",
    ),
    AccountForm(
        pattern=rf"treasury:{_AGENCY}:(?:{_REVENUE}|{UNCLAIMED})",
        kind=AccountKind.LIABILITY,
        name="To be remitted to the State Treasury",
        vi="Phải nộp Kho bạc Nhà nước",
    ),
    AccountForm(
        pattern=rf"refunds-payable:{_AGENCY}",
        kind=AccountKind.LIABILITY,
        name="Refunds granted and not yet paid, of an agency's fees",
        vi="Phải hoàn trả người nộp, theo cơ quan",
    ),
    AccountForm(
        pattern=r"refunds-payable",
        kind=AccountKind.LIABILITY,
        name="Refunds granted and not yet paid, of money that is no agency's",
        vi="Phải hoàn trả người nộp, tiền chưa rõ cơ quan",
    ),
    AccountForm(
        pattern=SUSPENSE_OF_DISCREPANCIES,
        kind=AccountKind.LIABILITY,
        name="Money whose owner a person must decide",
        vi="Tiền chờ xử lý sai lệch",
    ),
)
_FORMS: Final = tuple((re.compile(form.pattern, re.ASCII), form) for form in CHART)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    name: str
    form: AccountForm
    agency_code: str | None

    @property
    def kind(self) -> AccountKind:
        return self.form.kind


@lru_cache(maxsize=10_000)
def account(name: str) -> Account:
    """What the chart says about a name. Raises AccountOutsideChart."""
    for pattern, form in _FORMS:
        if matched := pattern.fullmatch(name):
            agency = matched.groupdict().get("agency")
            return Account(name=name, form=form, agency_code=agency)
    raise AccountOutsideChart(name)


def clearing(provider: str) -> str:
    """What a provider has collected for us and not yet paid out."""
    return account(f"provider:{provider}:clearing").name


def provider_fees(provider: str) -> str:
    return account(f"provider:{provider}:fees").name


def bank(bank_bin: str, account_number: str) -> str:
    """What was paid out to a collection account of ours."""
    return account(f"bank:{bank_bin}:{account_number}").name


def cash(agency_code: str, drawer: str) -> str:
    return account(f"cash:{agency_code}:{drawer}").name


def cash_difference(agency_code: str) -> str:
    return account(f"cash-difference:{agency_code}").name


def agency_revenue(agency_code: str, kind: str) -> str:
    """`kind` is a fee's kind, or another name of a Revenue."""
    return account(f"agency:{agency_code}:{kind}").name


def treasury_payable(agency_code: str, kind: str) -> str:
    """`kind` as for revenue, or UNCLAIMED: money nobody asked back."""
    return account(f"treasury:{agency_code}:{kind}").name


def refunds_payable(agency_code: str | None) -> str:
    if agency_code is None:
        return account("refunds-payable").name
    return account(f"refunds-payable:{agency_code}").name

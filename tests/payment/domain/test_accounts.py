import pytest

from chassis.money import Money
from services.payment.domain.errors import AccountOutsideChart
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.ledger import accounts
from services.payment.domain.ledger.accounts import AccountKind, Revenue, account
from services.payment.domain.ledger.transaction import Direction, LedgerEntry

NAMED = {
    accounts.clearing("vnpay"): (AccountKind.ASSET, None),
    accounts.provider_fees("vnpay"): (AccountKind.EXPENSE, None),
    accounts.bank("970436", "0011004000111"): (AccountKind.ASSET, None),
    accounts.cash("H19.25", "01"): (AccountKind.ASSET, "H19.25"),
    accounts.cash_difference("H19.25"): (AccountKind.EXPENSE, "H19.25"),
    accounts.agency_revenue("H19.25", "phi"): (AccountKind.INCOME, "H19.25"),
    accounts.agency_revenue("H19.25", Revenue.GIA_DICH_VU): (AccountKind.INCOME, "H19.25"),
    accounts.treasury_payable("H19.25", "le_phi"): (AccountKind.LIABILITY, "H19.25"),
    accounts.treasury_payable("H19.25", accounts.UNCLAIMED): (AccountKind.LIABILITY, "H19.25"),
    accounts.refunds_payable("H19.25"): (AccountKind.LIABILITY, "H19.25"),
    accounts.refunds_payable(None): (AccountKind.LIABILITY, None),
    accounts.SUSPENSE_OF_DISCREPANCIES: (AccountKind.LIABILITY, None),
}
OUTSIDE = [
    "",
    "cash",
    "account:1",
    "provider:vnpay",
    "provider::clearing",
    "provider:vnpay:clearing:x",
    "provider:vnpay:clearing\n",
    "provider:vn pay:clearing",
    "agency:H19.25:fees",
    "agency:H19.25",
    "agency:H19:25:phi",
    "Agency:H19.25:phi",
    "suspense:other",
    "treasury:H19.25:phi ",
    "bank:970436:",
    "refunds-payable:",
]


@pytest.mark.parametrize("name", NAMED)
def test_an_account_says_what_it_is_and_whose(name: str) -> None:
    assert (account(name).kind, account(name).agency_code) == NAMED[name]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_outside_the_chart_is_refused(name: str) -> None:
    with pytest.raises(AccountOutsideChart):
        account(name)
    with pytest.raises(AccountOutsideChart):
        LedgerEntry(name, Direction.DEBIT, Money(1))


@pytest.mark.parametrize("segment", ["", "a:b", "H 19", "-", "x" * 51, "é"])
def test_no_name_can_be_smuggled_in_by_a_part_of_it(segment: str) -> None:
    for make in (
        accounts.clearing,
        accounts.cash_difference,
        accounts.refunds_payable,
        lambda part: accounts.cash("H19", part),
        lambda part: accounts.agency_revenue(part, "phi"),
        lambda part: accounts.agency_revenue("H19", part),
    ):
        with pytest.raises(AccountOutsideChart):
            make(segment)


def test_every_kind_of_fee_has_an_account() -> None:
    assert {kind.value for kind in FeeKind} <= {kind.value for kind in Revenue}


def test_every_form_of_the_chart_is_used_by_a_name() -> None:
    assert {account(name).form for name in NAMED} == set(accounts.CHART)

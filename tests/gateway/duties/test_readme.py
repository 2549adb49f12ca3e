"""The README says who sees what, and which duties exclude one another, as the code has it."""

import re
from pathlib import Path

from gateway.domain.people.duties import CONFLICTS, EVERYWHERE
from gateway.domain.people.roles import Role
from gateway.routes.table import ROUTES

README = (Path(__file__).parents[3] / "gateway" / "README.md").read_text()
SECTION = README.partition("## Duties and agencies")[2].partition("\n## ")[0]
ROLES = {
    route.path: {role.value for role in route.roles} for route in ROUTES if route.method == "GET"
}


def row(begin: str) -> set[str]:
    (line,) = [line for line in SECTION.splitlines() if line.startswith(f"| {begin} |")]
    return set(re.findall(r"`([a-z-]+)`", line.removeprefix(f"| {begin} |")))


def test_every_duty_names_those_it_excludes() -> None:
    for role in Role:
        others = {other.value for pair in CONFLICTS if role in pair for other in pair - {role}}

        assert row(f"`{role}`") == others


def test_who_sees_what_is_written_as_the_table_of_routes_has_it() -> None:
    office = row("dossiers, receipts")

    assert office == ROLES["/v1/dossiers"] == ROLES["/v1/dossiers/{id}"] == ROLES["/v1/receipts"]
    assert row("slips") == ROLES["/v1/dossiers/{id}/slip.pdf"]
    money = office | row("payments, discrepancies, refunds")
    assert money == ROLES["/v1/payment-intents"] == ROLES["/v1/discrepancies"]
    assert money == ROLES["/v1/refunds"] == ROLES["/v1/refunds/{id}"]
    books = row("trial balance, statements, entries of an account")
    assert books == ROLES["/v1/ledger/trial-balance"] == ROLES["/v1/ledger/statements/{agency}"]
    assert row("cash drawers, terminals' batches") == ROLES["/v1/cash-drawers"]
    assert ROLES["/v1/cash-drawers"] == ROLES["/v1/pos-batches"]
    settled = row("settlement differences, remittances")
    assert settled == ROLES["/v1/settlement-differences"] == ROLES["/v1/remittances"]
    assert row("evidence bundles") == ROLES["/v1/payment-intents/{id}/evidence"]
    assert row("grants") == ROLES["/v1/grants"]


def test_the_duties_of_every_agency_are_named() -> None:
    (sentence,) = re.findall(r"Only ([^.]*) may be held for `\*`", SECTION)

    assert set(re.findall(r"`([a-z-]+)`", sentence)) == {role.value for role in EVERYWHERE}

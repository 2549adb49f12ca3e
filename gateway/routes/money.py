"""The lines of the table that are the payment service's, by what they are about."""

from dataclasses import replace
from typing import Final

from gateway.domain.evidence.record import EvidenceKind
from gateway.domain.machines.signed_request import SignatureClass
from gateway.domain.people.roles import Role
from gateway.routes.demands import duty, read, read_or_session, write, write_or_session
from gateway.routes.route import Demand, Link, Route

# Who sees what of the money of their agency.
OFFICE: Final = frozenset({Role.COUNTER_OFFICER, Role.ACCOUNTANT, Role.AUDITOR})
MONEY: Final = frozenset({*OFFICE, Role.REFUND_REQUESTER, Role.REFUND_APPROVER})
CASHIERS: Final = frozenset({Role.COUNTER_OFFICER, Role.ACCOUNTANT})

# A file of 100 000 bills.
BATCH_BYTES_MAX: Final = 32 * 1024 * 1024

_NOTICES_AT: Final = "/v1/provider-notifications/{provider}"
# Wallets that send an IPN do so by GET, with everything in the query; vietqr.vn appends a path of
# its own to the address that it is given.
NOTICES: Final = tuple(
    Route(
        method=method,
        path=path,
        service="payment",
        demand=Demand.CALLBACK,
        signature=SignatureClass.CALLBACK,
        scopes=frozenset({"provider.notify"}),
        evidence=EvidenceKind.PROVIDER_NOTIFICATION,
        link=Link.NOTIFICATION,
    )
    for method, path in (
        ("POST", _NOTICES_AT),
        ("GET", _NOTICES_AT),
        ("POST", f"{_NOTICES_AT}/bank/api/transaction-sync"),
    )
)
INTENTS: Final = (
    read_or_session("payment", "/v1/payment-intents", "payment.read", roles=MONEY),
    read_or_session("payment", "/v1/payment-intents/{id}", "payment.read"),
    read_or_session("payment", "/v1/payment-intents/{id}/methods", "payment.read"),
    read_or_session("payment", "/v1/payment-intents/{id}/attempts", "payment.read"),
    write_or_session(
        "POST", "payment", "/v1/payment-intents/{id}/attempts", "payment.read", "payment.pay"
    ),
    write_or_session(
        "POST",
        "payment",
        "/v1/payment-intents/{id}/cancellation",
        "payment.read",
        "payment.manage",
        roles=CASHIERS,
    ),
    write_or_session(
        "POST",
        "payment",
        "/v1/payment-intents/{id}/revival",
        "payment.read",
        "payment.manage",
        roles=CASHIERS,
    ),
)
_BILL: Final = replace(
    write("POST", "payment", "/v1/payment-intents", "payment.open"),
    evidence=EvidenceKind.BILLER_REQUEST,
    link=Link.BILL,
    opens_fee=True,
)
_BATCH: Final = replace(
    write("POST", "payment", "/v1/bill-batches", "payment.open"),
    evidence=EvidenceKind.BILLER_REQUEST,
    opens_fee=True,
    upload_bytes_max=BATCH_BYTES_MAX,
)
BILLS: Final = (
    _BILL,
    read_or_session("payment", "/v1/payment-intents.csv", "payment.read", roles=MONEY),
    read_or_session("payment", "/v1/payment-intents/{id}/qr.svg", "payment.read"),
    read_or_session("payment", "/v1/payment-intents/{id}/qr.png", "payment.read"),
    _BATCH,
    read("payment", "/v1/bill-batches", "payment.read"),
    read("payment", "/v1/bill-batches/{id}", "payment.read"),
    read("payment", "/v1/bill-batches/{id}/lines", "payment.read"),
    read("payment", "/v1/bill-batches/{id}/results.csv", "payment.read"),
    write("POST", "payment", "/v1/bill-batches/{id}/cancellation", "payment.open"),
)
# Money changes hands here: with two factors, and by the one duty that each step takes.
COUNTER: Final = (
    *(
        replace(
            duty("POST", "payment", path, "payment.counter", roles=frozenset({role})),
            no_card_numbers=True,
        )
        for path, role in (
            ("/v1/cash-drawers", Role.COUNTER_OFFICER),
            ("/v1/cash-drawers/{id}/closing", Role.COUNTER_OFFICER),
            ("/v1/cash-drawers/{id}/sign-off", Role.ACCOUNTANT),
            ("/v1/payment-intents/{id}/cash-payments", Role.COUNTER_OFFICER),
            ("/v1/payment-intents/{id}/pos-payments", Role.COUNTER_OFFICER),
        )
    ),
    *(
        duty("GET", "payment", path, "payment.read", roles=OFFICE)
        for path in (
            "/v1/cash-drawers",
            "/v1/cash-drawers/{id}",
            "/v1/cash-drawers/{id}/payments",
            "/v1/pos-batches",
            "/v1/pos-batches/{terminal_id}/{batch_no}/payments",
        )
    ),
)
DISCREPANCIES: Final = (
    read_or_session("payment", "/v1/discrepancies", "payment.read", roles=MONEY),
    read_or_session("payment", "/v1/discrepancies/{id}", "payment.read", roles=MONEY),
    *(
        duty(
            "POST",
            "payment",
            f"/v1/discrepancies/{{id}}/{deed}",
            "payment.handle",
            # The cashier of a case is the counter officer of its agency.
            roles=frozenset({Role.COUNTER_OFFICER, Role.ACCOUNTANT}),
        )
        for deed in ("assignment", "notes", "resolution")
    ),
)
REFUNDS: Final = (
    write_or_session(
        "POST",
        "payment",
        "/v1/payment-intents/{id}/refunds",
        "payment.refund",
        roles=frozenset({Role.REFUND_REQUESTER}),
    ),
    duty(
        "POST",
        "payment",
        "/v1/discrepancies/{id}/refunds",
        "payment.refund",
        roles=frozenset({Role.REFUND_REQUESTER}),
    ),
    read_or_session("payment", "/v1/refunds", "payment.read", roles=MONEY),
    read_or_session("payment", "/v1/refunds/{id}", "payment.read", roles=MONEY),
    write_or_session(
        "POST",
        "payment",
        "/v1/refunds/{id}/withdrawal",
        "payment.refund",
        roles=frozenset({Role.REFUND_REQUESTER}),
    ),
    *(
        duty(
            "POST",
            "payment",
            f"/v1/refunds/{{id}}/{decision}",
            "payment.refund",
            roles=frozenset({Role.REFUND_APPROVER}),
            fresh=True,
        )
        for decision in ("approval", "rejection")
    ),
    duty(
        "POST",
        "payment",
        "/v1/refunds/{id}/outcome",
        "payment.refund",
        roles=frozenset({Role.ACCOUNTANT, Role.REFUND_APPROVER}),
        fresh=True,
    ),
)
# The books of the agencies one answers for; an auditor of all agencies sees the whole, and that
# it balances.
BOOKS: Final = frozenset({Role.ACCOUNTANT, Role.AUDITOR})
LEDGER: Final = tuple(
    duty("GET", "payment", path, "payment.ledger", roles=BOOKS)
    for path in (
        "/v1/ledger/trial-balance",
        "/v1/ledger/statements/{agency}",
        "/v1/ledger/statements/{agency}/csv",
        "/v1/ledger/entries",
    )
)
# Who looks after a fee that has no receipt, and who keeps the platform running.
RECEIPT_GAPS: Final = duty(
    "GET",
    "payment",
    "/v1/receipt-gaps",
    "payment.read",
    roles=frozenset({Role.ACCOUNTANT, Role.AUDITOR, Role.OPERATOR}),
)
# A provider's day is every agency's; what concerns one agency its own accountants see as well.
SETTLEMENT_READERS: Final = frozenset({Role.ACCOUNTANT, Role.AUDITOR})
SETTLEMENT_FILE_BYTES_MAX: Final = 8 * 1024 * 1024


def _settle(method: str, path: str, *, fresh: bool = False) -> Route:
    roles = SETTLEMENT_READERS if method == "GET" else frozenset({Role.ACCOUNTANT})
    return duty(method, "payment", path, "payment.settle", roles=roles, fresh=fresh)


SETTLEMENTS: Final = (
    replace(_settle("POST", "/v1/settlement-files"), upload_bytes_max=SETTLEMENT_FILE_BYTES_MAX),
    _settle("GET", "/v1/settlement-files"),
    _settle("GET", "/v1/settlement-files/{id}"),
    _settle("GET", "/v1/settlement-files/{id}/bad-lines"),
    _settle("POST", "/v1/settlement-runs"),
    _settle("GET", "/v1/settlement-differences"),
    _settle("GET", "/v1/settlement-differences/{id}"),
    _settle("POST", "/v1/settlement-differences/{id}/sign-off"),
    _settle("POST", "/v1/settlement-days"),
    _settle("GET", "/v1/settlement-days"),
    _settle("POST", "/v1/remittances"),
    _settle("GET", "/v1/remittances"),
    _settle("POST", "/v1/remittances/{id}/approve", fresh=True),
    _settle("POST", "/v1/remittances/{id}/send", fresh=True),
    _settle("POST", "/v1/remittances/{id}/confirm"),
    _settle("POST", "/v1/remittances/{id}/cancel"),
    _settle("GET", "/v1/settlement-exports/{name}"),
)

MONEY_ROUTES: Final[tuple[Route, ...]] = (
    *NOTICES,
    *INTENTS,
    *BILLS,
    *COUNTER,
    *DISCREPANCIES,
    *REFUNDS,
    *LEDGER,
    *SETTLEMENTS,
    RECEIPT_GAPS,
)

"""What was agreed to, what the bank says it moved, and what was receipted are one amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from deploy.verifier.encodings import json_object
from deploy.verifier.receipt_xml import ReceiptFacts
from deploy.verifier.signed_request import SignedRequest
from deploy.verifier.verdict import require

LEVELS: Final = {
    "P1": "P1: the bank's own message signature, which an outsider can check",
    "P2": "P2: the provider's own JWS, which an outsider can check",
    "P3": "P3: a shared secret, which proves nothing to an outsider; what proves the payment is "
    "the provider's answer to the enquiry of the payment service, and the signed receipt",
}
RECEIPTED: Final = frozenset({"phi", "le_phi"})
NOT_PROVABLE: Final = "shared secret: cannot be proved to an outsider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    amount: int
    currency: str
    bank_bin: str
    account_number: str
    confirmed_at: datetime
    given_by: str


def require_agreement(
    confirmation: Confirmation, requests: Sequence[SignedRequest], receipts: Sequence[ReceiptFacts]
) -> str:
    agreed = f"{confirmation.amount} {confirmation.currency}"
    notices = [one for one in requests if one.kind == "provider-notification"]
    signed = [one for one in notices if one.level != "P3"]
    paid = [said for one in signed if (said := json_object(one.body, "a notice"))]
    exact = [said for said in paid if _is_exact(said, confirmation)]
    by_secret = bool(notices) and not signed
    require(bool(exact) or by_secret, f"no bank says that {agreed} arrived at the payee's account")
    if not receipts:
        paid_so = (
            "agreed to; its payment is said by secret only" if by_secret else "agreed to and paid"
        )
        return f"{agreed} {paid_so}; no receipt in the bundle"
    total = sum(one.amount for one in receipts)
    require(
        total == confirmation.amount
        and {one.currency for one in receipts} == {confirmation.currency},
        f"the receipts are over {total}, and {agreed} was agreed to",
    )
    references = {one.provider_reference for one in receipts}
    same = by_secret or references <= {said.get("provider_reference") for said in exact}
    require(
        len(references) == 1 and same,
        "the receipts name another movement of money than the bank",
    )
    return f"{agreed} agreed to, {'' if by_secret else 'paid '}and receipted"


def require_billed_amount(
    requests: Sequence[SignedRequest], receipts: Sequence[ReceiptFacts]
) -> str:
    """A bill's lines are what was asked; a price of a service among them has no receipt here."""
    asked = [one for one in requests if one.kind == "biller-request"]
    if not asked or not asked[0].body.lstrip().startswith(b"{"):
        return "one line of a file of bills: what it asked is not read here"
    lines = json_object(asked[0].body, "the bill").get("lines")
    require(isinstance(lines, list) and bool(lines), "the bill has no lines")
    assert isinstance(lines, list)
    total = sum(_amount_of(line) for line in lines)
    owed = sum(_amount_of(line) for line in lines if line.get("kind") in RECEIPTED)
    notices = [one for one in requests if one.kind == "provider-notification"]
    signed = [json_object(one.body, "a notice") for one in notices if one.level != "P3"]
    paid = any(
        said and said.get("outcome") == "succeeded" and said.get("amount") == total
        for said in signed
    )
    by_secret = bool(notices) and not signed
    require(paid or by_secret or not receipts, f"no bank says that {total} came for this bill")
    receipted = sum(one.amount for one in receipts)
    require(not receipts or receipted == owed, f"receipts over {receipted} for a bill of {owed}")
    return f"{total} billed{', paid' if paid else ''}{' and receipted' if receipts else ''}"


def _amount_of(line: Any) -> int:
    amount = line.get("amount", {}).get("amount") if isinstance(line, dict) else None
    require(type(amount) is int, "a line of the bill has no amount")
    assert isinstance(amount, int)
    return amount


def level_of(requests: Sequence[SignedRequest]) -> str | None:
    """The strongest level among the notices: what the payment rests on."""
    levels = sorted(one.level for one in requests if one.kind == "provider-notification")
    return LEVELS[levels[0]] if levels else None


def _is_exact(said: dict[str, Any], confirmation: Confirmation) -> bool:
    return (
        said.get("outcome") == "succeeded"
        and type(said.get("amount")) is int
        and said["amount"] == confirmation.amount
        and said.get("currency") == confirmation.currency
        and said.get("bank_bin") == confirmation.bank_bin
        and said.get("account_number") == confirmation.account_number
    )

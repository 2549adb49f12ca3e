"""The account that a refund goes to is personal data: it rests sealed, and is opened to be used."""

from dataclasses import asdict
from typing import Final

from chassis.ports import SealingPort
from services.payment.domain.refunds.refund import Refund
from services.payment.ports.providers import RefundAccount

PURPOSE: Final = "refund_account"


def seal_account(account: RefundAccount, seals: SealingPort) -> str:
    return seals.seal(asdict(account), purpose=PURPOSE)


def account_of(refund: Refund, seals: SealingPort) -> RefundAccount | None:
    if refund.account_sealed is None:
        return None
    return RefundAccount(**seals.unseal(refund.account_sealed, purpose=PURPOSE))

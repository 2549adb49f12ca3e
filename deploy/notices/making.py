"""Notices made for trying things out, by those who play the providers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from chassis.canonical import canonical_json
from chassis.ids import SystemIds
from chassis.keys import PrivateKey, thumbprint
from chassis.message_signatures import CALLBACK, RequestSigner
from deploy.development_providers import PROVIDERS
from deploy.notices.sample import Needed, Unusable, or_nothing
from deploy.sandbox_providers.book import Book
from deploy.sandbox_providers.main import PLAYERS
from deploy.sandbox_providers.order import OrderStatus, SandboxOrder
from deploy.sandbox_providers.player import Desk, SignedNotice
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.notice import Material, Parts

NUMBERS: Final = 10**9
OUTCOMES: Final[Mapping[str, OrderStatus]] = {
    "succeeded": OrderStatus.PAID,
    "failed": OrderStatus.DECLINED,
}


@dataclass(frozen=True, slots=True)
class At:
    """A clock that stands at the time a notice is made for."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    reference: str
    amount: int
    outcome: str
    at: datetime
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    key: PrivateKey | None = None


def make_notice(provider: str, wanted: Wanted) -> SignedNotice:
    """Raises Unusable."""
    if provider == "bank":
        return _by_bank(wanted)
    if provider not in PLAYERS:
        raise Unusable(f"nobody plays {provider}; there are bank, {', '.join(sorted(PLAYERS))}")
    clock = At(wanted.at)
    ids = SystemIds(clock)
    usual = PROVIDERS[provider].facts if provider in PROVIDERS else {}
    desk = Desk(
        name=provider,
        url="",
        facts=or_nothing({**usual, **wanted.facts}),
        secrets=Needed("secret", wanted.secrets),
        book=Book(None),
        clock=clock,
        ids=ids,
    )
    order = _order(provider, wanted, ids)
    try:
        notice = PLAYERS[provider](desk).notice(order, notice_id=ids.new().hex)
    except (ValueError, OSError) as error:
        raise Unusable(f"{provider} cannot say this: {error}") from error
    finally:
        desk.book.close()
    if notice is None:
        raise Unusable(f"{provider} tells of no payment that {wanted.outcome}")
    return _with_token(provider, notice, wanted)


def _with_token(provider: str, notice: SignedNotice, wanted: Wanted) -> SignedNotice:
    """With the token that this provider would have fetched a moment before."""
    issue = SCHEMES[provider].issue
    if issue is None or notice.sign_in is None:
        return notice
    parts = Parts(headers=tuple(notice.sign_in.headers.items()), received_at=wanted.at)
    token = issue(parts, Material(secrets=Needed("secret", wanted.secrets)))
    return replace(
        notice, headers={**notice.headers, "authorization": f"Bearer {token}"}, sign_in=None
    )


def _order(provider: str, wanted: Wanted, ids: SystemIds) -> SandboxOrder:
    """As it would stand in the player's book; the facts are what some of them say again."""
    paid = wanted.outcome == "succeeded"
    facts = {
        "account_number": "0123456789",
        "app_time": str(int(wanted.at.timestamp() * 1000)),
        "app_user": "lephi",
        "direction": "in",
        "embed_data": "{}",
        "paymentLinkId": ids.new().hex,
        "requestId": ids.new().hex,
    }
    return SandboxOrder(
        provider=provider,
        order_reference=wanted.reference,
        amount=wanted.amount,
        description=wanted.reference,
        return_url="",
        created_at=wanted.at,
        status=OUTCOMES[wanted.outcome],
        provider_reference=str(ids.new().int % NUMBERS),
        paid_amount=wanted.amount,
        paid_at=wanted.at if paid else None,
        facts=or_nothing({**facts, **wanted.facts}),
    )


def _by_bank(wanted: Wanted) -> SignedNotice:
    if wanted.key is None or not wanted.url:
        raise Unusable("a bank signs with --key, for the address in --url")
    clock = At(wanted.at)
    ids = SystemIds(clock)
    body = canonical_json(
        {
            "notice_id": str(ids.new()),
            "provider_reference": f"FT{ids.new().hex[:12].upper()}",
            "bill_number": wanted.reference,
            "purpose": wanted.reference,
            "bank_bin": wanted.facts.get("bank_bin", "970436"),
            "account_number": wanted.facts.get("account_number", "0011004000111"),
            "amount": wanted.amount,
            "currency": "VND",
            "outcome": wanted.outcome,
            "paid_at": wanted.at.isoformat(),
        }
    )
    signer = RequestSigner(
        wanted.facts.get("client_id", "bank-sandbox"),
        thumbprint(wanted.key.public_key()),
        wanted.key,
        clock=clock,
        ids=ids,
    )
    return SignedNotice(headers=signer.headers("POST", wanted.url, body, shape=CALLBACK), body=body)

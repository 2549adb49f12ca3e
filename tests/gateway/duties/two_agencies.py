"""A whole platform in one process, with one paid fee and a discrepancy at each of two agencies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.auth import Caller, TokenMinter
from chassis.canonical import canonical_json, sha256_hex
from chassis.message_signatures import CALLBACK, FEE_REQUEST, Shape
from deploy.embedded import Embedded
from gateway.domain.people.account import Account, CodeState, Session
from gateway.domain.people.assurance import Acr
from gateway.domain.people.roles import EVERY_AGENCY, Grant, Role, RoleGrant
from gateway.providers.in_process_upstream import InProcessUpstream
from gateway.providers.service_calls import ServiceCalls
from gateway.storage.unit_of_work import SqlUnitOfWork
from tests.gateway.world import signer_of
from tests.waiting import until

ORIGIN = "http://gateway.test"
# One code begins with the other: whoever compares beginnings is found out.
WARD, POLICE = "H19.101", "H19.101.1"
OFFERED: Mapping[str, Mapping[str, Any]] = {
    WARD: {"procedure_code": "2.000815", "quantities": {"phi_chung_thuc": 10}},
    POLICE: {"procedure_code": "1.004222"},
}
NOTICES = "/v1/provider-notifications/sandbox"


@dataclass
class Rows:
    """What belongs to one agency."""

    agency: str
    dossier: str = ""
    payment: str = ""
    receipt: str = ""
    refund: str = ""
    drawer: str = ""
    discrepancy: str = ""

    @property
    def all(self) -> set[str]:
        return {
            *(self.dossier, self.payment, self.receipt),
            *(self.refund, self.drawer, self.discrepancy),
        }


@dataclass
class TwoAgencies:
    platform: Embedded
    http: httpx.AsyncClient
    rows: dict[str, Rows] = field(default_factory=dict)
    people: int = 0

    async def get(self, target: str, token: str) -> httpx.Response:
        return await self.http.get(target, headers={"authorization": f"Bearer {token}"})

    async def officer(self, *grants: Grant) -> str:
        """The token of somebody who holds these duties and has just signed in."""
        self.people += 1
        clock, ids = self.platform.clock, self.platform.ids
        now, token, user_id = clock.now(), ids.token(32), ids.new()
        async with SqlUnitOfWork(self.platform.databases["gateway"], clock=clock, ids=ids) as uow:
            await uow.accounts.add(_account(user_id, f"officer{self.people}", now))
            await uow.sessions.add(
                Session(
                    id=ids.new(),
                    family_id=ids.new(),
                    user_id=user_id,
                    token_hash=sha256_hex(token.encode()),
                    acr=Acr.MFA,
                    authenticated_at=now,
                    opened_at=now,
                    seen_at=now,
                    idle_until=now + timedelta(minutes=15),
                    expires_at=now + timedelta(hours=1),
                )
            )
            for grant in grants:
                made = RoleGrant(
                    id=ids.new(),
                    user_id=user_id,
                    grant=grant,
                    granted_by="operator:test",
                    granted_at=now,
                )
                await uow.grants.add(made)
        return token

    async def collect_fee(self, agency: str) -> None:
        """Submitted, confirmed, paid, receipted; and then paid a second time."""
        await until(lambda: self._quoted(agency), is_now=200)
        submitted = await self._submit(agency)
        rows = Rows(agency, submitted["id"], submitted["payment_intent_id"])
        await until(lambda: self._payment_status(rows.payment), is_now="created")
        paid = await self._confirm(rows.payment)
        for reference in ("first", "second"):
            answer = await self._notify(paid, f"FT-{agency}-{reference}")
            assert answer.status_code == 200, answer.text
        await until(lambda: self._count_receipts(rows.payment), is_now=1)
        rows.receipt = (await self._receipts(rows.payment))[0]["id"]
        rows.refund = await self._ask_refund(rows.payment)
        rows.drawer = await self._open_drawer(agency)
        rows.discrepancy = await self._find_discrepancy(agency)
        self.rows[agency] = rows

    async def _ask_refund(self, payment: str) -> str:
        body = {
            "amount": {"amount": 1, "currency": "VND"},
            "amount_available": await self._paid(payment),
            "reason": "một phần",
        }
        path = f"/v1/payment-intents/{payment}/refunds"
        key = {"idempotency-key": f"refund-{payment}"}
        answer = await self._signed("portal-demo", path, body, FEE_REQUEST, key)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def _paid(self, payment: str) -> int:
        intent = await self._ask("payment", "GET", f"/v1/payment-intents/{payment}")
        return int(intent["refund_summary"]["amount_available"]["amount"])

    async def _open_drawer(self, agency: str) -> str:
        token = await self.officer(duty(Role.COUNTER_OFFICER, agency))
        answer = await self.http.post(
            "/v1/cash-drawers",
            json={"agency_code": agency, "desk": "1", "drawer": "Q1", "float": {"amount": 0}},
            headers={"authorization": f"Bearer {token}", "idempotency-key": f"drawer-{agency}"},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def _quoted(self, agency: str) -> int:
        """The dossier service has heard the catalogue once it can say what this would cost."""
        quantities: Mapping[str, int] = OFFERED[agency].get("quantities", {})
        asked: dict[str, str | list[str]] = {
            "procedure_code": str(OFFERED[agency]["procedure_code"]),
            "agency_code": agency,
            "channel": "online",
            "quantity": [f"{line}:{count}" for line, count in quantities.items()],
        }
        return (await self.http.get("/v1/fee-quotes", params=asked)).status_code

    async def _submit(self, agency: str) -> dict[str, Any]:
        body = {
            "agency_code": agency,
            "channel": "online",
            "applicant": {"full_name": "Nguyễn Thị Ánh Tuyết"},
            **OFFERED[agency],
        }
        key = {"idempotency-key": f"order-{agency}"}
        answer = await self._signed("portal-demo", "/v1/dossiers", body, FEE_REQUEST, key)
        assert answer.status_code == 201, answer.text
        submitted: dict[str, Any] = answer.json()
        return submitted

    async def _notify(self, paid: Mapping[str, Any], reference: str) -> httpx.Response:
        notice = {
            "notice_id": str(self.platform.ids.new()),
            "provider_reference": reference,
            "bill_number": paid["bill_reference"],
            "purpose": paid["bill_reference"],
            "bank_bin": paid["payee"]["bank_bin"],
            "account_number": paid["payee"]["account_number"],
            "amount": paid["amount"]["amount"],
            "currency": "VND",
            "outcome": "succeeded",
            "paid_at": self.platform.clock.now().isoformat(),
        }
        return await self._signed("bank-sandbox", NOTICES, notice, CALLBACK, {})

    async def _signed(
        self, client_id: str, path: str, value: Any, shape: Shape, extra: Mapping[str, str]
    ) -> httpx.Response:
        body = canonical_json(value)
        signer = signer_of(self.platform.settings["gateway"], client_id, clock=self.platform.clock)
        headers = signer.headers("POST", ORIGIN + path, body, shape=shape, extra=extra)
        return await self.http.post(path, content=body, headers=headers)

    async def _confirm(self, payment: str) -> dict[str, Any]:
        intent = await self._ask("payment", "GET", f"/v1/payment-intents/{payment}")
        body = {
            "confirmation_id": str(self.platform.ids.new()),
            "evidence_id": str(self.platform.ids.new()),
            "method": "vietqr",
            "amount": intent["amount"],
            "assurance": "passkey",
        }
        return await self._ask(
            "payment", "POST", f"/v1/payment-intents/{payment}/confirmation", body
        )

    async def _payment_status(self, payment: str) -> str:
        found = await self._ask("payment", "GET", f"/v1/payment-intents/{payment}")
        return str(found.get("status"))

    async def _find_discrepancy(self, agency: str) -> str:
        auditor = await self.officer(duty(Role.AUDITOR, EVERY_AGENCY))
        page = (await self.get(f"/v1/discrepancies?agency_code={agency}", auditor)).json()
        found: str = page["items"][0]["id"]
        return found

    async def _receipts(self, payment: str) -> list[dict[str, Any]]:
        page = await self._ask("receipt", "GET", f"/v1/receipts?payment_intent_id={payment}")
        return [one for one in page["items"] if one["status"] == "issued"]

    async def _count_receipts(self, payment: str) -> int:
        return len(await self._receipts(payment))

    async def _ask(
        self, service: str, method: str, target: str, body: Any = None
    ) -> dict[str, Any]:
        """Past the door, as the gateway itself asks for somebody without a duty."""
        keys = self.platform.settings["gateway"].keys_dir / "internal"
        minter = TokenMinter.from_directory(
            "gateway", keys, clock=self.platform.clock, ids=self.platform.ids
        )
        calls = ServiceCalls(InProcessUpstream(self.platform.services), minter)
        scopes = {f"{service}.confirm" if body else f"{service}.read"}
        caller = Caller(
            subject="payer" if body else "gateway",
            kind="user" if body else "service",
            scopes=frozenset(scopes),
        )
        answer = await calls.call(
            service,
            method,
            target,
            caller=caller,
            headers={"content-type": "application/json"} if body else {},
            body=canonical_json(body) if body else b"",
        )
        read: dict[str, Any] = httpx.Response(answer.status, content=answer.body).json()
        return read


def duty(role: Role, agency: str) -> Grant:
    return Grant(role=role, agency=agency)


def _account(user_id: UUID, username: str, now: Any) -> Account:
    return Account(
        id=user_id,
        username=username,
        full_name="Trần Thị Lan",
        password_hash="",
        totp_sealed="",
        code_state=CodeState.ACTIVE,
        last_step=0,
        wrong_tries=0,
        locked_until=None,
        pairwise_salt="salt",
        opened_at=now,
    )

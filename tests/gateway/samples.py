"""One of each thing, for tests without IO."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.money import Money
from gateway.domain.confirming.confirmation import Confirmation
from gateway.domain.confirming.fee_intent import FeeItem, PayableFee, Payee
from gateway.domain.machines.client import Algorithm, Client, ClientClass, ClientKey
from gateway.domain.machines.signed_request import Arrival, SignedRequest
from gateway.domain.people.account import Account, CodeState, DeviceKey

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PAYMENT = UUID(int=1)
PAYER = UUID(int=2)
FEE = Money(150_000)
PAYABLE = PayableFee(
    payment_intent_id=PAYMENT,
    dossier_code="H19.25-261123-0001",
    payee=Payee(
        code="H19.25",
        name="Sở Tư pháp",
        bank_bin="970436",
        account_number="0123456789",
        account_name="KHO BAC",
    ),
    items=(FeeItem(code="LP-1", name="Lệ phí", amount=FEE),),
    amount=FEE,
    status="created",
    expires_at=NOW + timedelta(days=1),
)
ACCOUNT = Account(
    id=PAYER,
    username="an.nguyen",
    full_name="Nguyễn Văn An",
    password_hash="hash",
    totp_sealed="sealed",
    code_state=CodeState.ACTIVE,
    last_step=0,
    wrong_tries=0,
    locked_until=None,
    pairwise_salt="salt",
    opened_at=NOW,
)
DEVICE = DeviceKey(id="device", user_id=PAYER, public_jwk={"kid": "device"}, enrolled_at=NOW)
CONFIRMATION = Confirmation(
    id=UUID(int=3),
    payment_intent_id=PAYMENT,
    user_id=PAYER,
    amount=FEE,
    method="vietqr",
    intent_bytes=b'{"payee":{"code":"H19.25"},"tpl":"confirm-vi/1"}',
    shown_text="150.000 VND",
    opened_at=NOW,
    expires_at=NOW + timedelta(minutes=5),
)
PORTAL = Client(id="portal-demo", client_class=ClientClass.PORTAL)
BANK = Client(id="bank-sandbox", client_class=ClientClass.BANK, provider="sandbox")
ARRIVAL = Arrival(
    method="POST", target="/v1/dossiers", headers=(), body=b'{"a":1}', received_at=NOW
)


def key_of(client: Client) -> ClientKey:
    return ClientKey(
        id=f"key-of-{client.id}",
        client_id=client.id,
        algorithm=Algorithm.ED25519,
        public_jwk={"kty": "OKP"},
        registered_at=NOW,
    )


def signed_by(client: Client, *, nonce: str = "n", base: bytes = b"base") -> SignedRequest:
    return SignedRequest(
        client=client,
        key=key_of(client),
        nonce=nonce,
        expires_at=NOW + timedelta(seconds=60),
        target_uri="http://127.0.0.1:8400/v1/dossiers",
        covered_headers={"lephi-client": client.id},
        signature_base=base,
        signature=b"signature",
    )

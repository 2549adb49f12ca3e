"""Messages of VNPAY, VNPT Pay and the national platform with secrets of nobody.

Every digest here was computed with openssl and sha256sum, never with our code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from services.payment.domain.intents.method import Method
from services.payment.ports.providers import CheckoutOrder, Question
from services.payment.providers import ADAPTERS
from services.payment.providers.adapter import (
    Adapter,
    OutgoingRequest,
    ProviderConfig,
    Reply,
)
from tests.payment.providers.stage import BILL, LINES, SUBJECT
from tests.payment.samples import FEE, NOON

SECRET: Final = "DEVELOPERSECRETKEY00000000000000"
ORDER: Final = "LP01234567890120261123120000"
NATIONAL_ORDER: Final = f"dvc{ORDER}"
CONFIGS: Final = {
    "vnpay": ({"hash_secret": SECRET}, {"tmn_code": "DEVTMN01"}),
    "vnptpay": ({"secret_key": SECRET, "api_key": "KEY"}, {"merchant_service_id": "1001"}),
    "national": ({"secret_key": SECRET}, {"partner_code": "DEVTINH"}),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a provider answers about a payment at five past three in the afternoon."""

    provider: str
    signature: str
    success: Mapping[str, str]

    @property
    def unsigned(self) -> frozenset[str]:
        return frozenset({self.signature})


PAID: Final = (
    Answered(
        "vnpay",
        "vnp_SecureHash",
        {
            "vnp_ResponseId": "RS1",
            "vnp_Command": "querydr",
            "vnp_ResponseCode": "00",
            "vnp_Message": "Success",
            "vnp_TmnCode": "DEVTMN01",
            "vnp_TxnRef": ORDER,
            "vnp_Amount": "15000000",
            "vnp_BankCode": "NCB",
            "vnp_PayDate": "20261123150500",
            "vnp_TransactionNo": "14422574",
            "vnp_TransactionType": "01",
            "vnp_TransactionStatus": "00",
            "vnp_OrderInfo": "Nop phi",
            "vnp_SecureHash": (
                "f900cb2e71528c2722d62b9bb4c8d1586476d8f175d24fb8932efecf92aa7c89"
                "05ea0a09af34bbd01e602bc3ef5b6776e2195e35f04729684205975eae16aab2"
            ),
        },
    ),
    Answered(
        "vnptpay",
        "SECURE_CODE",
        {
            "ACTION": "QUERY",
            "RESPONSE_CODE": "00",
            "MERCHANT_SERVICE_ID": "1001",
            "MERCHANT_ORDER_ID": ORDER,
            "AMOUNT": "150000",
            "CURRENCY_CODE": "VND",
            "VNPTPAY_TRANSACTION_ID": "880001",
            "PAYMENT_METHOD": "VNPTPAY",
            "PAY_DATE": "20261123150500",
            "ADDITIONAL_INFO": "Nop phi",
            "TRANSACTION_STATUS": "00",
            "SECURE_CODE": "66330517DB88E1F9EEC85B0D9AC2F4195B30261C7323C1F5BA5F51ACCEA1B236",
        },
    ),
    Answered(
        "national",
        "MaXacThuc",
        {
            "LoaiBanTin": "QUERY",
            "MaLoi": "00",
            "MaDoiTac": "DEVTINH",
            "MaThamChieu": NATIONAL_ORDER,
            "SoTien": "150000",
            "MaTienTe": "VND",
            "MaGiaoDich": "GD0001",
            "MaNganHang": "VCB",
            "ThoiGianGD": "20261123150500",
            "ThongTinGiaoDich": "THANH TOAN HO SO H19.25-261123-0001",
            "TrangThaiGD": "1",
            "MaXacThuc": "64eb2af7efd9b113f25e01d4678700df18dc11ee1c8d704491be4d07c56394ad",
        },
    ),
)


def config(name: str, **facts: str) -> ProviderConfig:
    secrets, registered = CONFIGS[name]
    return ProviderConfig(
        name=name,
        client_id=name,
        url="https://provider.test",
        notify_url="https://lephi.example.vn/v1/provider-notifications/x",
        facts={**registered, **facts},
        secrets=secrets,
    )


def adapter(name: str, **facts: str) -> Adapter:
    return ADAPTERS[name](config(name, **facts), Path())


def order(name: str, method: Method, **changes: Any) -> CheckoutOrder:
    facts: dict[str, Any] = {
        "order_reference": NATIONAL_ORDER if name == "national" else ORDER,
        "bill_reference": BILL,
        "amount": FEE,
        "description": "Nop phi H19.25-261123-0001",
        "method": method,
        "bank_code": None,
        "language": "vi",
        "client_ip": "203.0.113.7",
        "return_url": "https://dvc.example.vn/tra-ve",
        "started_at": NOON,
        "expires_at": NOON + timedelta(minutes=15),
        "lines": LINES,
        "subject": SUBJECT,
    }
    return CheckoutOrder(**facts | changes)


def question(name: str, **changes: Any) -> Question:
    facts: dict[str, Any] = {
        "order_reference": NATIONAL_ORDER if name == "national" else ORDER,
        "provider_reference": None,
        "bill_reference": BILL,
        "account_number": None,
        "amount": FEE,
        "since": NOON,
    }
    return Question(**facts | changes)


def reply(said: object, *, status: int = 200) -> Reply:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Reply(
        request=OutgoingRequest(method="POST", url="https://provider.test/query"),
        status=status,
        headers={},
        body=body,
        received_at=NOON,
    )

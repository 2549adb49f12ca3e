"""`lephi provider request`: what is shown is what the provider's player takes."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.payment.providers import ADAPTERS
from services.payment.providers.adapter import ProviderConfig
from tests.deploy.notices.samples import AT, SECRET, lephi

# The sample of the provider's own document, computed without this code.
KNOWN_HASH = (
    "16de659265b371fefcc6eed90359db65fd88fa826d490ed40734eba38e39c1fe"
    "429b44d38d2fdad4f7aa7e7c032085e72b2d97472981e50204656eebc01f0acf"
)
GIVEN = ("--reference", "LP012345678901", "--amount", "150000", "--at", AT, "--json")
NEEDS = {
    "vnpay": ["--secret", f"hash_secret={SECRET}", "--fact", "tmn_code=DEVTMN01"],
    "vnptpay": ["--secret", f"secret_key={SECRET}", "--fact", "merchant_service_id=1001"],
    "national": ["--secret", f"secret_key={SECRET}", "--fact", "partner_code=DEVTINH"],
}


def shown(provider: str, action: str, *more: str) -> Any:
    result = lephi("provider", "request", provider, action, *NEEDS[provider], *GIVEN, *more)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_pay_page_of_vnpay() -> None:
    made = shown("vnpay", "pay", "--method", "international_card")

    place = urlsplit(made["url"])
    said = {name: values[0] for name, values in parse_qs(place.query).items()}
    assert (made["method"], place.netloc) == ("GET", "sandbox.vnpayment.vn")
    assert said["vnp_Amount"] == "15000000"
    assert said["vnp_CreateDate"] == "20261123090000"
    assert said["vnp_ExpireDate"] == "20261123091500"
    assert (said["vnp_BankCode"], said["vnp_TmnCode"]) == ("INTCARD", "DEVTMN01")
    assert len(said["vnp_SecureHash"]) == 128


@pytest.mark.parametrize(
    ("provider", "action", "path", "member"),
    [
        ("vnpay", "enquiry", "/merchant_webapi/api/transaction", "vnp_SecureHash"),
        ("vnpay", "refund", "/merchant_webapi/api/transaction", "vnp_SecureHash"),
        ("vnptpay", "pay", "/rest/payment/v1.0.6/pay_qrcode", "SECURE_CODE"),
        ("vnptpay", "enquiry", "/rest/payment/v1.0.6/query", "SECURE_CODE"),
        ("national", "pay", "/init", "MaXacThuc"),
        ("national", "enquiry", "/query", "MaXacThuc"),
        ("national", "bill", "/get_bill", "MaXacThuc"),
    ],
)
def test_a_signed_message_is_shown(provider: str, action: str, path: str, member: str) -> None:
    made = shown(provider, action)

    assert (made["method"], urlsplit(made["url"]).path) == ("POST", path)
    assert made["headers"]["content-type"] == "application/json"
    assert json.loads(made["body"])[member]


def test_what_is_missing_is_asked_for_by_its_option() -> None:
    result = lephi("provider", "request", "vnpay", "pay", *GIVEN)

    assert result.exit_code == 2
    assert "--secret hash_secret=" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody", "pay"),
        ("vnptpay", "refund", *NEEDS["vnptpay"]),
        ("vnpay", "bill", *NEEDS["vnpay"]),
        ("vnpay", "pay", *NEEDS["vnpay"], "--method", "momo"),
        ("vnpay", "pay", *NEEDS["vnpay"], "--method", "barter"),
        ("bank", "enquiry", "--keys-dir", "/nowhere"),
    ],
)
def test_what_cannot_be_asked_leaves_with_two(arguments: tuple[str, ...]) -> None:
    result = lephi("provider", "request", *arguments, *GIVEN)

    assert result.exit_code == 2
    assert result.stderr


SECRETS_OF_ALL = [
    word
    for name in (
        *("hash_secret", "secret_key", "access_key", "key1", "key2", "checksum_key", "api_key"),
        *("webhook_secret", "api_token", "access_token", "password", "client_secret"),
        *("api_username", "api_password"),
    )
    for word in ("--secret", f"{name}={SECRET}")
]
FACTS_OF_ALL = [
    word
    for name, value in {
        "tmn_code": "DEVTMN01",
        "merchant_service_id": "1001",
        "partner_code": "DEV",
        "app_id": "2553",
        "client_id": "dev",
        "account_number": "0123456789",
        "bank_code": "VCB",
        "account_name": "SO TU PHAP",
    }.items()
    for word in ("--fact", f"{name}={value}")
]


@pytest.mark.parametrize("provider", sorted(ADAPTERS.keys() - {"bank", "echeque"}))
def test_every_provider_shows_what_it_is_able_to(provider: str) -> None:
    adapter = ADAPTERS[provider](_config(provider), Path())
    able = {"pay": adapter.checkout, "enquiry": adapter.enquiry, "refund": adapter.refund}

    for action, way in able.items():
        result = lephi(
            *("provider", "request", provider, action, *SECRETS_OF_ALL, *FACTS_OF_ALL),
            *("--reference", "123456", "--amount", "150000", "--provider-reference", "99"),
            "--json",
        )
        assert result.exit_code == (0 if way else 2), (action, result.stderr)
        if way:
            assert json.loads(result.stdout)["url"].startswith("http")


def _config(provider: str) -> ProviderConfig:
    facts = {"account_number": "0123456789"}
    return ProviderConfig(name=provider, client_id=provider, url="", notify_url="", facts=facts)

"""`lephi notification`, as a bank's engineer uses it: with a sample, a secret, and nothing else."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import Result

from deploy.development_keys import ensure_development_keys
from deploy.notices.checking import CHECKS
from deploy.sandbox_providers.main import PLAYERS
from gateway.authentication.schemes import SCHEMES
from services.payment.providers import ADAPTERS
from tests.deploy.notices.samples import (
    AT,
    BILL,
    FEEDS,
    OTHER,
    SECRET,
    SECRETS,
    TELLS_SUCCESS_ALONE,
    lephi,
    reference_of,
    secrets_of,
)
from tests.gateway.schemes.recorded_notices import recorded

EVERY = sorted(SECRETS)
# RFC 9421, appendix B.1.4: known to the whole world.
RFC9421_TEST_KEY = base64.urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")
MEMBERS = ["authentic", "reference", "amount", "outcome", "evidence_level"]


def printed(result: Result) -> Any:
    return json.loads(result.stdout)


def signed(provider: str, *more: str) -> Any:
    result = lephi(
        *("notification", "sign", provider, *secrets_of(provider), "--at", AT, "--json"),
        *("--reference", reference_of(provider), "--amount", "150000", *more),
    )
    assert result.exit_code == 0, result.stderr
    return printed(result)


def check(provider: str, made: Any, *more: str, secret: str = SECRET) -> Result:
    headers = [
        word for name, value in made["headers"].items() for word in ("--header", f"{name}: {value}")
    ]
    sample = ["--query", made["query"]] if made["query"] else ["--body", "-"]
    return lephi(
        *("notification", "check", provider, *secrets_of(provider, secret), "--at", AT),
        *(*headers, *sample, "--json", *more),
        given=made["body"].encode(),
    )


def altered(made: Any, name: str) -> Any:
    """The same with one word of it changed, wherever it stands."""
    if made["query"]:
        fields = dict(parse_qsl(made["query"]))
        return {**made, "query": urlencode({**fields, name: _other(fields[name])})}
    said = json.loads(made["body"])
    place = said.get("data", said)
    place[name] = _other(place[name])
    return {**made, "body": json.dumps(said)}


def _other(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else f"{value}1"


def test_every_provider_that_tells_of_payments_can_be_checked_and_made() -> None:
    judged = (ADAPTERS.keys() & SCHEMES.keys()) | {"bank"}

    assert set(CHECKS) >= judged
    assert set(SECRETS) <= set(CHECKS)
    assert set(SECRETS) <= set(PLAYERS)


@pytest.mark.parametrize("provider", EVERY)
def test_a_recorded_notice_is_authentic(provider: str) -> None:
    sample = recorded(provider)
    secrets = [w for n, v in sample.material.secrets.items() for w in ("--secret", f"{n}={v}")]
    headers = [w for n, v in sample.parts.headers for w in ("--header", f"{n}: {v}")]
    given = ["--query", f"?{sample.parts.query}"] if sample.parts.query else ["--body", "-"]

    result = lephi(
        *("notification", "check", provider, *secrets, *headers, *given, "--json"),
        *("--at", sample.parts.received_at.isoformat()),
        given=sample.parts.body,
    )

    assert result.exit_code == 0, result.stdout
    assert list(printed(result)) == MEMBERS
    assert printed(result)["authentic"] is True
    assert printed(result)["amount"] == 150_000
    assert (printed(result)["outcome"], printed(result)["evidence_level"]) == ("succeeded", "P3")


@pytest.mark.parametrize("provider", EVERY)
def test_what_is_made_is_accepted(provider: str) -> None:
    result = check(provider, signed(provider))

    assert result.exit_code == 0, result.stdout
    said = printed(result)
    assert list(said) == MEMBERS
    assert (said["authentic"], said["amount"], said["outcome"]) == (True, 150_000, "succeeded")
    if provider not in FEEDS:
        assert said["reference"] == reference_of(provider)


@pytest.mark.parametrize("provider", sorted(set(EVERY) - TELLS_SUCCESS_ALONE))
def test_a_failure_is_read_as_one(provider: str) -> None:
    result = check(provider, signed(provider, "--outcome", "failed"))

    assert result.exit_code == 0, result.stdout
    assert printed(result)["outcome"] == "failed"
    assert printed(result)["reference"] == reference_of(provider)


@pytest.mark.parametrize("provider", EVERY)
def test_another_secret_proves_nothing(provider: str) -> None:
    result = check(provider, signed(provider), secret=OTHER)

    assert result.exit_code == 1
    assert list(printed(result)) == [*MEMBERS, "reason"]
    assert printed(result)["authentic"] is False
    assert printed(result)["reason"]
    assert [printed(result)[name] for name in ("reference", "amount", "outcome")] == [None] * 3


@pytest.mark.parametrize("provider", ["vnpay", "vnptpay", "national", "momo", "payos", "sepay"])
def test_a_notice_with_any_word_altered_is_not_authentic(provider: str) -> None:
    made = signed(provider)
    said = dict(parse_qsl(made["query"])) or json.loads(made["body"])
    inner = said["data"] if provider == "payos" else said
    unsigned = {"vnp_SecureHash", "SECURE_CODE", "MaXacThuc", "signature"}
    names = [name for name in inner if name not in unsigned and inner[name] is not None]

    codes = {name: check(provider, altered(made, name)).exit_code for name in names}

    assert len(codes) >= 7
    assert set(codes.values()) == {1}, codes


@pytest.mark.parametrize("provider", ["vnpay", "vnptpay", "national"])
@pytest.mark.parametrize("left_out", ["signature", "a field"])
def test_a_notice_with_something_left_out_is_never_accepted(provider: str, left_out: str) -> None:
    made = signed(provider)
    name = {
        "vnpay": ("vnp_SecureHash", "vnp_Amount"),
        "vnptpay": ("SECURE_CODE", "AMOUNT"),
        "national": ("MaXacThuc", "SoTien"),
    }[provider][left_out == "a field"]
    if made["query"]:
        kept = {key: value for key, value in parse_qsl(made["query"]) if key != name}
        made["query"] = urlencode(kept)
    else:
        kept = {key: value for key, value in json.loads(made["body"]).items() if key != name}
        made["body"] = json.dumps(kept)

    result = check(provider, made)

    assert result.exit_code in (1, 2)
    assert printed(result)["authentic"] is False


def test_sepay_is_judged_by_the_time_given() -> None:
    made = signed("sepay")
    late = lephi(
        *("notification", "check", "sepay", *secrets_of("sepay"), "--body", "-", "--json"),
        *("--at", "2026-11-23T09:06:00+07:00"),
        *(w for n, v in made["headers"].items() for w in ("--header", f"{n}: {v}")),
        given=made["body"].encode(),
    )

    assert late.exit_code == 1
    assert "too old" in printed(late)["reason"]


def test_vnpay_says_its_codes(tmp_path: Path) -> None:
    """07 is debited and suspected: neither paid nor failed."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")

    def said(code: str, status: str) -> str:
        fields = dict(parse_qsl(signed("vnpay")["query"]))
        del fields["vnp_SecureHash"]
        fields |= {"vnp_ResponseCode": code, "vnp_TransactionStatus": status}
        text = urlencode(sorted(fields.items()))
        code = hmac.new(SECRET.encode(), text.encode(), hashlib.sha512).hexdigest()
        result = lephi(
            *("notification", "check", "vnpay", "--secret", f"hash_secret=@{secret}", "--json"),
            *("--query", f"{text}&vnp_SecureHash={code}"),
        )
        assert result.exit_code == 0
        outcome: str = printed(result)["outcome"]
        return outcome

    assert said("00", "00") == "succeeded"
    assert said("24", "02") == "failed"
    assert said("07", "00") == said("07", "07") == said("00", "07") == "pending"
    assert said("00", "02") == said("24", "00") == said("00", "04") == "unknown"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "vnpay"),
        ("check", "vnpay", "--query", "a=b"),
        ("check", "vnpay", "--query", "a=b", "--body", "-"),
        ("check", "vnpay", "--query", "a=b", "--secret", "hash_secret"),
        ("check", "vnpay", "--body", "-", "--secret", "hash_secret=x"),
        ("check", "momo", "--body", "/nowhere", "--secret", "secret_key=x"),
        ("check", "momo", "--body", "-", "--secret", "secret_key=x"),
        ("check", "vnptpay", "--body", "-", "--secret", "secret_key=x"),
        ("check", "nobody", "--query", "a=b"),
        ("check", "vnpay", "--query", "a=b", "--secret", "hash_secret=x", "--at", "noon"),
        ("check", "vnpay", "--query", "a=b", "--secret", "hash_secret=@/nowhere"),
        ("check", "bank", "--body", "-"),
        ("check", "bank", "--body", "-", "--url", "https://x/", "--key", "/nowhere"),
        ("sign", "vnpay", "--reference", "R", "--amount", "1"),
        ("sign", "vnpay", "--reference", "R", "--amount", "0"),
        ("sign", "nobody", "--reference", "R", "--amount", "1"),
        ("sign", "payos", "--reference", "R", "--amount", "1", "--secret", "checksum_key=x"),
        (
            *("sign", "zalopay", "--reference", "R", "--amount", "1", "--outcome", "failed"),
            *("--secret", "key2=x"),
        ),
        ("sign", "bank", "--reference", "R", "--amount", "1"),
    ],
)
def test_what_nobody_can_judge_leaves_with_two(arguments: tuple[str, ...]) -> None:
    assert lephi("notification", *arguments, given=b"[").exit_code == 2


def test_it_speaks_to_people_too() -> None:
    made = lephi(
        *("notification", "sign", "vnptpay", *secrets_of("vnptpay")),
        *("--reference", BILL, "--amount", "150000"),
    )
    method, header, body = made.stdout.strip().split("\n", 2)
    read = lephi(
        *("notification", "check", "vnptpay", *secrets_of("vnptpay"), "--body", "-"),
        given=body.encode(),
    )

    assert (method, header) == ("POST", "content-type: application/json")
    assert read.stdout.splitlines()[0] == "authentic"
    assert f"reference: {BILL}" in read.stdout


def test_a_banks_notice_is_judged_by_its_key(tmp_path: Path) -> None:
    ensure_development_keys(tmp_path)
    stem = tmp_path / "keys" / "clients"
    address = ("--url", "https://lephi.example.vn/v1/provider-notifications/sandbox")
    made = printed(
        lephi(
            *("notification", "sign", "bank", "--key", str(stem / "bank-sandbox.key.pem")),
            *(*address, "--reference", BILL, "--amount", "150000", "--at", AT, "--json"),
        )
    )
    headers = [w for n, v in made["headers"].items() for w in ("--header", f"{n}: {v}")]

    def judged(key: str, body: str, *more: str) -> Result:
        return lephi(
            *("notification", "check", "bank", "--key", str(stem / key), *headers, "--json"),
            *("--body", "-", "--at", AT, *(more or address)),
            given=body.encode(),
        )

    good = judged("bank-sandbox.pub.pem", made["body"])
    assert good.exit_code == 0, good.stdout
    assert printed(good) == {
        "authentic": True,
        "reference": BILL,
        "amount": 150_000,
        "outcome": "succeeded",
        "evidence_level": "P1",
    }
    assert judged("portal-demo.pub.pem", made["body"]).exit_code == 1
    assert judged("bank-sandbox.pub.pem", made["body"].replace("150000", "150001")).exit_code == 1
    assert judged("bank-sandbox.pub.pem", made["body"], "--url", "https://x/").exit_code == 1


def test_the_notice_on_the_page_for_banks_is_authentic(tmp_path: Path) -> None:
    """Byte by byte as `docs/how-to-sign.md` prints it, with the key that it names."""
    page = (Path(__file__).parents[3] / "docs" / "how-to-sign.md").read_text("utf-8")
    head, body = page.split("```http notice\n", 1)[1].split("\n```", 1)[0].split("\n\n", 1)
    headers = [word for line in head.splitlines()[2:] for word in ("--header", line)]
    key = tmp_path / "bank.pub.pem"
    key.write_bytes(
        Ed25519PublicKey.from_public_bytes(RFC9421_TEST_KEY).public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
    )
    result = lephi(
        *("notification", "check", "bank", "--key", str(key), *headers, "--body", "-", "--json"),
        *("--url", "https://lephi.example.vn/v1/provider-notifications/example"),
        *("--at", "2026-11-23T09:00:10+07:00"),
        given=body.encode(),
    )

    assert result.exit_code == 0, result.stdout
    assert printed(result)["reference"] == "LP0000000001"
    assert printed(result)["evidence_level"] == "P1"

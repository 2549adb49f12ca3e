"""The program `lephi`, as a shell sees it: what it prints and how it leaves."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app

ROOT = Path(__file__).parents[2]
CODE = (
    "00020101021238570010A00000072701270006970405011359002012345670208QRIBFTTA"
    "53037045405500005802VN62270507DVC00010812Le phi ho so63042FC5"
)


def lephi(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def printed(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_code_is_read_as_json() -> None:
    result = lephi("qr", "read", CODE, "--json")

    assert result.exit_code == 0
    assert printed(result) == {
        "valid": True,
        "bank_bin": "970405",
        "account": "5900201234567",
        "amount": 50_000,
        "bill_number": None,
        "purpose": "Le phi ho so",
        "merchant_name": None,
    }


def test_a_code_is_read_for_people() -> None:
    result = lephi("qr", "read", CODE)

    assert result.exit_code == 0
    assert "bank bin: 970405" in result.stdout


@pytest.mark.parametrize("payload", ["", "hello", CODE[:-1] + "6", CODE.replace("970405", "97040")])
def test_an_unreadable_code_leaves_with_two_and_the_reason(payload: str) -> None:
    as_json = lephi("qr", "read", payload, "--json")
    plain = lephi("qr", "read", payload)

    assert (as_json.exit_code, plain.exit_code) == (2, 2)
    assert printed(as_json)["valid"] is False
    assert printed(as_json)["reason"]


def test_what_is_written_is_read_again() -> None:
    written = lephi(
        *("qr", "write", "--bank-bin", "970436", "--account", "0011004000111"),
        *("--amount", "330000", "--bill-number", "LP0000000001"),
        *("--purpose", "Nộp phí H19.25", "--merchant-name", "Sở Tư pháp", "--json"),
    )
    read = lephi("qr", "read", printed(written)["payload"], "--json")

    assert printed(read) == {
        "valid": True,
        "bank_bin": "970436",
        "account": "0011004000111",
        "amount": 330_000,
        "bill_number": "LP0000000001",
        "purpose": "Nop phi H19.25",
        "merchant_name": "So Tu phap",
    }


def test_facts_that_no_code_can_carry_leave_with_two() -> None:
    result = lephi(
        *("qr", "write", "--bank-bin", "12", "--account", "1", "--amount", "1"),
        *("--bill-number", "1", "--purpose", "x", "--merchant-name", "x"),
    )

    assert result.exit_code == 2


def test_an_amount_is_spelled_out() -> None:
    as_json = lephi("words", "1050000", "--json")
    plain = lephi("words", "0")

    assert printed(as_json) == {
        "amount": 1_050_000,
        "words": "Một triệu không trăm năm mươi nghìn đồng",
    }
    assert plain.stdout == "Không đồng\n"


@pytest.mark.parametrize("amount", ["", "abc", "1.5", "1e3", "-1", "١٢", "1" * 17])
def test_a_bad_amount_leaves_with_two(amount: str) -> None:
    assert lephi("words", amount, "--json").exit_code == 2


def test_a_service_that_does_not_exist_is_refused() -> None:
    for command in ("serve", "worker", "migrate"):
        assert lephi(command, "treasury").exit_code == 2


def test_serve_wants_one_service_or_all_of_them() -> None:
    assert lephi("serve").exit_code == 2
    assert lephi("serve", "catalog", "--embedded").exit_code == 2


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATALOG_DATABASE_URL", raising=False)
    result = lephi("migrate", "catalog")

    assert result.exit_code == 2
    assert "CATALOG_DATABASE_URL" in result.stderr


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = lephi("keys", "init", "--var-dir", str(tmp_path))
    anchors = (tmp_path / "trust" / "anchors.json").read_bytes()
    again = lephi("keys", "init", "--var-dir", str(tmp_path))

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert (tmp_path / "trust" / "anchors.json").read_bytes() == anchors


def test_a_file_that_is_not_there_cannot_be_verified(tmp_path: Path) -> None:
    lephi("keys", "init", "--var-dir", str(tmp_path))
    result = lephi(
        *("verify", str(tmp_path / "receipt.xml"), "--json"),
        *("--anchors", str(tmp_path / "trust" / "anchors.json")),
    )

    assert result.exit_code == 2
    assert printed(result)["valid"] is None


def test_anchors_beside_the_file_are_never_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lephi("keys", "init", "--var-dir", str(tmp_path / "elsewhere"))
    forged = (tmp_path / "elsewhere" / "trust" / "anchors.json").read_bytes()
    (tmp_path / "anchors.json").write_bytes(forged)
    (tmp_path / "receipt.xml").write_text("<receipt/>")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPHI_ANCHORS", raising=False)
    result = lephi("verify", str(tmp_path / "receipt.xml"), "--json")

    assert result.exit_code == 2
    assert "var/trust/anchors.json" in printed(result)["reason"]


@pytest.mark.parametrize(
    ("imported", "strangers"),
    [
        ("deploy.cli", {"fastapi", "sqlalchemy", "uvicorn", "pyhanko", "typst", "cryptography"}),
        ("services.payment.main", {"pyhanko", "typst", "lxml", "signxml", "aiosmtplib"}),
        ("services.payment.worker", {"pyhanko", "typst", "lxml", "signxml", "aiosmtplib"}),
    ],
)
def test_a_program_loads_only_what_it_runs(imported: str, strangers: set[str]) -> None:
    script = f"import sys, {imported}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert strangers.isdisjoint(loaded.stdout.split())


def test_a_worker_of_its_own_needs_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_DATABASE_URL", "sqlite+aiosqlite://")
    monkeypatch.delenv("PAYMENT_BROKER_URL", raising=False)
    result = lephi("worker", "payment")

    assert result.exit_code == 2
    assert "broker" in result.stderr

"""`lephi keys`, from a partner's challenge to anchors an outsider can use."""

import asyncio
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from typer.testing import CliRunner, Result

from chassis.migrations import upgrade
from deploy.cli import app
from deploy.development_keys import ensure_development_keys
from gateway.assembly.development_clients import register_development_clients
from gateway.settings import GatewaySettings

MIGRATIONS = Path(__file__).parents[2] / "gateway" / "migrations"
CLIENT = "portal-hue"


@pytest.fixture(autouse=True)
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path / 'gateway.sqlite'}"
    upgrade(url, MIGRATIONS)
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url)
    return url


@pytest.fixture
def private(tmp_path: Path) -> Path:
    key = generate_private_key(SECP256R1())
    path = tmp_path / "partner.key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.with_name("partner.pub.pem").write_bytes(public)
    return path


def keys(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["keys", *map(str, arguments)])


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def registered(private: Path) -> str:
    said(keys("add-client", CLIENT, "--as", "lê an"))
    challenge = said(keys("challenge", CLIENT, "--as", "lê an"))
    proof = said(keys("prove", challenge, "--key", private))
    public = private.with_name("partner.pub.pem")
    given = ("--key", public, "--challenge", challenge, "--proof", proof)
    told = said(keys("register", CLIENT, *given, "--as", "lê an"))
    assert ": pending until " in told
    return told.partition(":")[0]


def test_a_partners_key_from_challenge_to_revocation(private: Path, tmp_path: Path) -> None:
    kid = registered(private)
    anchors = tmp_path / "anchors.json"
    said(keys("export", "--anchors", anchors))
    assert json.loads(anchors.read_text())["clients"] == {}

    assert ": active until " in said(keys("approve", kid, "--as", "trần bình"))
    assert ": retiring until " in said(keys("retire", kid, "--as", "lê an"))
    assert (
        said(keys("revoke", kid, "--as", "lê an", "--reason", "lost laptop")) == f"{kid}: revoked"
    )
    told = [json.loads(line) for line in said(keys("history", kid, "--json")).splitlines()]
    said(keys("export", "--anchors", anchors))
    exported = json.loads(anchors.read_text())["clients"][CLIENT][kid]

    assert [line["action"] for line in told] == ["registered", "approved", "retired", "revoked"]
    assert {line["actor"] for line in told} == {"operator:lê an", "operator:trần bình"}
    assert told[-1]["reason"] == "lost laptop"
    shown = json.loads(said(keys("show", kid)))
    assert shown["state"] == "revoked"
    assert exported == {
        "jwk": shown["public_jwk"],
        "from": shown["approved_at"],
        "until": shown["until"],
        "revoked_at": shown["revoked_at"],
    }


def test_the_name_that_registered_does_not_approve_however_it_is_spelled(private: Path) -> None:
    kid = registered(private)

    refused = keys("approve", kid, "--as", " LÊ AN ")

    assert refused.exit_code == 1
    assert "Another person" in refused.stderr


def test_what_cannot_be_is_said_with_one_and_what_cannot_be_read_with_two(
    private: Path, tmp_path: Path
) -> None:
    kid = registered(private)
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish")

    assert keys("approve", "unknown", "--as", "trần bình").exit_code == 1
    assert keys("retire", kid, "--as", "lê an").exit_code == 1
    assert keys("challenge", "portal-unknown", "--as", "lê an").exit_code == 1
    assert keys("prove", "text", "--key", rubbish).exit_code == 2
    assert keys("prove", "text", "--key", tmp_path / "none.pem").exit_code == 2
    assert keys("revoke", kid, "--as", "lê an", "--reason", "x").exit_code == 2
    assert keys("approve", kid).exit_code == 2
    rubbish.write_text("[]")
    assert keys("export", "--anchors", rubbish).exit_code == 2


def test_a_new_start_keeps_what_an_export_said_of_a_development_key(
    gateway: str, tmp_path: Path
) -> None:
    ensure_development_keys(tmp_path)
    settings = GatewaySettings(database_url=gateway, keys_dir=tmp_path / "keys")
    asyncio.run(register_development_clients(settings))
    anchors = tmp_path / "trust" / "anchors.json"
    said(keys("export", "--anchors", anchors))
    exported = anchors.read_text()

    ensure_development_keys(tmp_path)

    assert anchors.read_text() == exported
    entries = json.loads(exported)["clients"]["portal-demo"].values()
    assert [sorted(entry) for entry in entries] == [["from", "jwk", "revoked_at", "until"]]
    listed = [json.loads(line) for line in said(keys("list", "--json")).splitlines()]
    assert [line["state"] for line in listed] == ["active"] * 3
    assert json.loads(exported)["receipt_ca"]


def test_a_key_whose_id_begins_with_a_dash_is_named_as_any_other() -> None:
    unknown = keys("revoke", "-2abcDEF_x", "--reason", "stolen", "--as", "Lê An")

    assert unknown.exit_code == 1, unknown.output

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.receipt.providers.signers.signers_file import (
    BadSignersFile,
    read_signers,
    signer_of,
)
from tests.receipt.samples import NOON


def entry(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "pem",
        "key": f"{name}.key.pem",
        "certificate": f"{name}.pem",
        **changes,
    }


def remote(**changes: str) -> dict[str, Any]:
    said = {"url": "https://a", "credential_id": "c", "client_id": "l", "secret_file": "geheim"}
    return {"name": "afar", "kind": "remote", **said, **changes}


def write(folder: Path, *entries: dict[str, Any]) -> Path:
    (folder / "signers.json").write_text(json.dumps({"signers": entries}))
    return folder


def chosen(folder: Path, agency_code: str, *, at: datetime = NOON) -> str | None:
    found = signer_of(read_signers(folder), agency_code, at=at)
    return found.name if found else None


def test_without_a_file_one_key_signs_for_everybody(tmp_path: Path) -> None:
    assert chosen(tmp_path, "H19.25") == "signer"


def test_an_agency_that_is_named_has_its_own_signer(tmp_path: Path) -> None:
    write(tmp_path, entry("all"), entry("own", agencies=["H19.25"]))

    assert (chosen(tmp_path, "H19.25"), chosen(tmp_path, "H19.31")) == ("own", "all")


def test_a_new_signer_takes_over_at_its_instant(tmp_path: Path) -> None:
    change = NOON + timedelta(days=1)
    write(tmp_path, entry("old"), entry("new", **{"from": change.isoformat()}))

    instants = (change - timedelta(microseconds=1), change)
    assert [chosen(tmp_path, "H19.25", at=at) for at in instants] == ["old", "new"]


def test_a_signer_whose_time_is_over_signs_no_more(tmp_path: Path) -> None:
    write(tmp_path, entry("old", until=NOON.isoformat()))

    assert chosen(tmp_path, "H19.25", at=NOON) is None
    assert chosen(tmp_path, "H19.25", at=datetime(2026, 1, 1, tzinfo=UTC)) == "old"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "no JSON"),
        ("[]", "cannot be used"),
        (json.dumps({"signers": [entry("a"), entry("a")]}), "two signers of one name"),
        (json.dumps({"signers": [entry("a", kind="magic")]}), "cannot be used"),
        (json.dumps({"signers": [entry("a", password="geheim")]}), "cannot be used"),
        (json.dumps({"signers": [entry("../a")]}), "cannot be used"),
        (json.dumps({"signers": [entry("a", **{"from": "2026-01-01T00:00:00"})]}), "from"),
        (json.dumps({"signers": [remote(client_certificate="us.pem")]}), "cannot be used"),
        (json.dumps({"signers": [remote(client_key="us.key.pem")]}), "cannot be used"),
        (json.dumps({"signers": [remote(url="http://a", ca_file="ca.pem")]}), "cannot be used"),
        ("x" * 300_000, "longer than"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "signers.json").write_text(text)

    with pytest.raises(BadSignersFile, match=reason) as refused:
        read_signers(tmp_path)
    assert "geheim" not in str(refused.value)


def test_a_remote_signer_may_be_known_by_certificates_on_both_sides(tmp_path: Path) -> None:
    both = {"client_certificate": "us.pem", "client_key": "us.key.pem", "ca_file": "ca.pem"}

    (read,) = read_signers(write(tmp_path, remote(**both)))

    assert both.items() <= read.model_dump().items()

"""A newcomer's machine gets its keys once, whoever starts first."""

import json
import os
import stat
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from deploy.development_keys import ensure_development_keys, thumbprint
from deploy.development_providers import PROVIDERS

PRIVATE = [
    "keys/internal/catalog.key.pem",
    "keys/internal/dossier.key.pem",
    "keys/internal/gateway.key.pem",
    "keys/internal/notification.key.pem",
    "keys/internal/payment.key.pem",
    "keys/internal/receipt.key.pem",
    "keys/sealing/2026.key",
    "keys/receipt/ca.key.pem",
    "keys/receipt/signer.key.pem",
    "keys/gateway/evidence.key.pem",
    "keys/gateway/answers.key.pem",
    "keys/gateway/checkpoints.key.pem",
    "keys/gateway/tokens.key.pem",
    "keys/sandbox-authority/officer-ca.key.pem",
    "keys/sandbox-authority/person-ca.key.pem",
    "keys/sandbox-authority/tsa-ca.key.pem",
    "keys/sandbox-authority/tsa.key.pem",
    "keys/clients/portal-demo.key.pem",
    "keys/clients/bank-echeque.key.pem",
    "keys/clients/bank-sandbox.key.pem",
    "keys/payment/outgoing.key.pem",
    "keys/notification/webhook.key.pem",
    *(f"keys/payment-providers/{name}.json" for name in PROVIDERS),
    *(f"keys/providers/{name}.json" for name, one in PROVIDERS.items() if one.scheme),
]
PUBLIC = [
    "keys/internal/catalog.pub.pem",
    "keys/internal/dossier.pub.pem",
    "keys/internal/gateway.pub.pem",
    "keys/internal/notification.pub.pem",
    "keys/internal/payment.pub.pem",
    "keys/internal/receipt.pub.pem",
    "keys/receipt/ca.pem",
    "keys/receipt/signer.pem",
    "keys/gateway/evidence.pub.pem",
    "keys/gateway/answers.pub.pem",
    "keys/gateway/checkpoints.pub.pem",
    "keys/gateway/tokens.pub.pem",
    "keys/sandbox-authority/tsa.pem",
    "keys/trust/officer-ca/development.crl",
    "keys/trust/officer-ca/development.pem",
    "keys/trust/person-ca/development.crl",
    "keys/trust/person-ca/development.pem",
    "keys/trust/tsa-ca/development.crl",
    "keys/trust/tsa-ca/development.pem",
    "keys/clients/portal-demo.pub.pem",
    "keys/clients/bank-echeque.pub.pem",
    "keys/clients/bank-sandbox.pub.pem",
    "keys/payment/outgoing.pub.pem",
    "trust/anchors.json",
]


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    ensure_development_keys(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_every_file_is_there_and_nothing_else(var_dir: Path) -> None:
    assert sorted(contents(var_dir)) == sorted([*PRIVATE, *PUBLIC, "keys/.lock"])


@pytest.mark.parametrize("name", PRIVATE)
def test_nobody_else_may_read_a_private_file(var_dir: Path, name: str) -> None:
    assert stat.S_IMODE((var_dir / name).stat().st_mode) == 0o600


def test_a_second_run_changes_no_byte(var_dir: Path) -> None:
    before = contents(var_dir)

    ensure_development_keys(var_dir)

    assert contents(var_dir) == before


def test_public_halves_belong_to_their_private_halves(var_dir: Path) -> None:
    for name in PRIVATE:
        public = var_dir / name.replace(".key.pem", ".pub.pem")
        if name.endswith(".key.pem") and public.exists():
            private = load_pem_private_key((var_dir / name).read_bytes(), password=None)
            assert private.public_key() == load_pem_public_key(public.read_bytes())


def test_keys_are_of_the_agreed_kinds(var_dir: Path) -> None:
    portal = load_pem_public_key((var_dir / "keys/clients/portal-demo.pub.pem").read_bytes())
    bank = load_pem_public_key((var_dir / "keys/clients/bank-sandbox.pub.pem").read_bytes())

    assert isinstance(portal, Ed25519PublicKey)
    assert isinstance(bank, EllipticCurvePublicKey)
    assert isinstance(bank.curve, SECP256R1)
    assert len(b64decode((var_dir / "keys/sealing/2026.key").read_bytes())) == 32


def test_the_receipt_signer_is_vouched_for_and_may_commit_to_content(var_dir: Path) -> None:
    folder = var_dir / "keys/receipt"
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    signer = x509.load_pem_x509_certificate((folder / "signer.pem").read_bytes())
    usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
    authority_usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    signer_key = load_pem_private_key((folder / "signer.key.pem").read_bytes(), password=None)

    signer.verify_directly_issued_by(authority)
    assert "Lephi Development CA" in authority.subject.rfc4514_string()
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert authority_usage.key_cert_sign
    assert authority_usage.crl_sign
    assert signer_key.public_key() == signer.public_key()


def test_the_anchors_name_what_a_verifier_may_trust(var_dir: Path) -> None:
    anchors = json.loads((var_dir / "trust/anchors.json").read_text())

    assert anchors["receipt_ca"] == [(var_dir / "keys/receipt/ca.pem").read_text()]
    assert set(anchors["clients"]) == {"portal-demo", "bank-sandbox", "bank-echeque"}
    for keys in [anchors["evidence_keys"], *anchors["clients"].values()]:
        assert [thumbprint(jwk) for jwk in keys.values()] == list(keys)


def test_the_thumbprint_is_that_of_rfc_8037() -> None:
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}

    assert thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_what_is_missing_is_filled_in_and_old_trust_is_kept(tmp_path: Path) -> None:
    ensure_development_keys(tmp_path)
    before = contents(tmp_path)
    old = json.loads(before["trust/anchors.json"])
    (tmp_path / "keys/gateway/evidence.key.pem").unlink()
    (tmp_path / "keys/gateway/evidence.pub.pem").unlink()

    ensure_development_keys(tmp_path)

    new = json.loads((tmp_path / "trust/anchors.json").read_text())
    assert len(new["evidence_keys"]) == 2
    assert old["evidence_keys"].items() <= new["evidence_keys"].items()
    changed = {name for name, raw in contents(tmp_path).items() if before[name] != raw}
    assert changed == {
        "keys/gateway/evidence.key.pem",
        "keys/gateway/evidence.pub.pem",
        "trust/anchors.json",
    }


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    program = (
        "import hashlib, pathlib, sys\n"
        "from deploy.development_keys import ensure_development_keys\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "ensure_development_keys(folder)\n"
        "files = sorted(p for p in folder.rglob('*') if p.is_file())\n"
        "print(hashlib.sha256(b''.join(p.read_bytes() for p in files)).hexdigest())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "var")]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}

    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(3)]
    seen = [process.communicate(timeout=60)[0] for process in running]

    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(set(seen)) == 1

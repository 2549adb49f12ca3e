"""The sandbox authority's word on certificates, as a gateway elsewhere asks for it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.sandbox_authority import revocation
from deploy.sandbox_authority.keys import Authority
from deploy.sandbox_authority.main import create_authority
from gateway.authentication.confirming.revocation import AuthorityAnswers
from gateway.domain.confirming.certificate import Authority as Kind
from gateway.domain.confirming.errors import CertificateRevoked
from tests.gateway.proofs.pki import name_of
from tests.gateway.proofs.test_revocation import serving

CLOCK = FrozenClock()
SERIAL = 4711


def issued(authority: Authority) -> x509.Certificate:
    now = CLOCK.now()
    return (
        x509.CertificateBuilder()
        .subject_name(name_of("NGUYEN VAN AN"))
        .issuer_name(authority.certificate.subject)
        .public_key(generate_private_key(SECP256R1()).public_key())
        .serial_number(SERIAL)
        .not_valid_before(now)
        .not_valid_after(now.replace(year=now.year + 1))
        .sign(authority.key, hashes.SHA256())
    )


@pytest.mark.parametrize("source", ["ocsp", "crl"])
async def test_a_revocation_is_heard_of_with_the_next_question(tmp_path: Path, source: str) -> None:
    ensure_development_keys(tmp_path / "var", clock=CLOCK)
    keys_dir = tmp_path / "var" / "keys"
    authority = Authority.of(keys_dir, "person-ca")
    chain = [one.public_bytes(Encoding.DER) for one in (issued(authority), authority.certificate)]
    answer: dict[str, Callable[[bytes], bytes]] = {
        "ocsp": lambda asked: revocation.answer(authority, asked, now=CLOCK.now()),
        "crl": lambda _: revocation.current_list(authority, now=CLOCK.now()),
    }
    folder = tmp_path / "gateway" / "trust" / "person-ca"
    folder.mkdir(parents=True)
    shutil.copy(keys_dir / "trust" / "person-ca" / "development.pem", folder)
    app = create_authority(keys_dir, clock=CLOCK)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://authority")

    with serving(answer[source]) as url:
        (folder / "sources.json").write_text(json.dumps({source: [url]}))
        asked = AuthorityAnswers(tmp_path / "gateway")
        good = await asked.check(chain, authority=Kind.PERSON, at=CLOCK.now())
        revoked = await http.post("/revocations/person-ca", json={"serial": f"{SERIAL:x}"})
        with pytest.raises(CertificateRevoked):
            await asked.check(chain, authority=Kind.PERSON, at=CLOCK.now())

    assert [one.form for one in good] == [source]
    assert revoked.status_code == 204
    listed = x509.load_der_x509_crl((await http.get("/crl/person-ca")).content)
    assert [one.serial_number for one in listed] == [SERIAL]
    assert (await http.get("/crl/nobody")).json()["code"] == "authority_not_found"
    await http.aclose()

"""What authorities answer over the network, from addresses that we were given."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.authentication.confirming.revocation import AuthorityAnswers
from gateway.domain.confirming.certificate import Authority as Kind
from gateway.domain.confirming.errors import CertificateRevoked, RevocationUnknown
from tests.gateway.proofs.pki import NOW, Authority, Signer

Answer = Callable[[bytes], bytes]
GOOD = ocsp.OCSPCertStatus.GOOD
REVOKED = ocsp.OCSPCertStatus.REVOKED
UNKNOWN = ocsp.OCSPCertStatus.UNKNOWN


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(b"")

        def do_POST(self) -> None:
            self._say(self.rfile.read(int(self.headers["content-length"])))

        def _say(self, body: bytes) -> None:
            said = answer(body)
            self.send_response(200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answers(tmp_path: Path, **sources: list[str]) -> AuthorityAnswers:
    folder = tmp_path / "trust" / "person-ca"
    folder.mkdir(parents=True)
    (folder / "sources.json").write_text(json.dumps(sources))
    return AuthorityAnswers(tmp_path)


async def ask(asked: AuthorityAnswers, root: Authority, signer: Signer) -> str:
    chain = [one.public_bytes(Encoding.DER) for one in (signer.certificate, root.certificate)]
    (answer,) = await asked.check(chain, authority=Kind.PERSON, at=NOW)
    return answer.form


def responder(
    root: Authority,
    signer: Signer,
    *,
    by: Signer | None = None,
    status: ocsp.OCSPCertStatus = GOOD,
    said: datetime = NOW,
) -> Answer:
    certificate, key = (by.certificate, by.key) if by else (root.certificate, root.key)

    def answer(_body: bytes) -> bytes:
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=signer.certificate,
            issuer=root.certificate,
            algorithm=hashes.SHA256(),
            cert_status=status,
            this_update=said,
            next_update=said + timedelta(days=7),
            revocation_time=said if status is REVOKED else None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
        if by is not None:
            builder = builder.certificates([certificate])
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    return answer


async def test_a_list_from_an_address_counts_like_a_file(tmp_path: Path) -> None:
    root = Authority("Root")
    signer, revoked = root.issue(), root.issue()
    listed = root.revocation_list(revoked)
    with serving(lambda _body: listed) as address:
        asked = answers(tmp_path, crl=[address])

        assert await ask(asked, root, signer) == "crl"
        with pytest.raises(CertificateRevoked):
            await ask(asked, root, revoked)


async def test_a_responder_is_asked_where_no_list_says(tmp_path: Path) -> None:
    root = Authority("Root")
    signer = root.issue()
    with serving(responder(root, signer)) as address:
        assert await ask(answers(tmp_path, ocsp=[address]), root, signer) == "ocsp"


async def test_a_responder_whom_the_authority_made_one_counts(tmp_path: Path) -> None:
    root = Authority("Root")
    signer = root.issue()
    delegated = root.issue("Responder", purposes=[ExtendedKeyUsageOID.OCSP_SIGNING])
    with serving(responder(root, signer, by=delegated)) as address:
        assert await ask(answers(tmp_path, ocsp=[address]), root, signer) == "ocsp"


async def test_a_responder_that_says_revoked_is_believed(tmp_path: Path) -> None:
    root = Authority("Root")
    signer = root.issue()
    with (
        serving(responder(root, signer, status=REVOKED)) as address,
        pytest.raises(CertificateRevoked),
    ):
        await ask(answers(tmp_path, ocsp=[address]), root, signer)


@pytest.mark.parametrize(
    "make",
    [
        lambda root, signer: responder(root, signer, status=UNKNOWN),
        lambda root, signer: responder(root, signer, said=NOW - timedelta(hours=25)),
        lambda root, signer: responder(root, signer, said=NOW + timedelta(hours=1)),
        lambda root, signer: responder(root, root.issue()),
        lambda root, signer: responder(root, signer, by=root.issue("No responder")),
        lambda _root, signer: responder(Authority("Root"), signer),
        lambda _root, _signer: lambda _body: b"no answer",
        lambda _root, _signer: lambda _body: b"\x30" * (65 * 1024),
    ],
    ids=[
        "unknown",
        "a day old",
        "of the future",
        "about another",
        "not made a responder",
        "forged",
        "unreadable",
        "too long",
    ],
)
async def test_an_answer_that_does_not_count_is_none(
    tmp_path: Path, make: Callable[[Authority, Signer], Answer]
) -> None:
    root = Authority("Root")
    signer = root.issue()
    with serving(make(root, signer)) as address, pytest.raises(RevocationUnknown):
        await ask(answers(tmp_path, ocsp=[address]), root, signer)


async def test_an_address_that_nobody_serves_is_no_answer(tmp_path: Path) -> None:
    root = Authority("Root")
    with serving(lambda _body: b"") as address:
        pass
    asked = answers(tmp_path, ocsp=[address], crl=[address])

    with pytest.raises(RevocationUnknown):
        await ask(asked, root, root.issue())


async def test_an_address_in_a_certificate_is_never_called(tmp_path: Path) -> None:
    root, called = Authority("Root"), []

    def answer(_body: bytes) -> bytes:
        called.append(1)
        return b""

    with serving(answer) as address:
        signer = root.issue()
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)
        pointed = (
            x509.CertificateBuilder()
            .subject_name(signer.certificate.subject)
            .issuer_name(root.certificate.subject)
            .public_key(signer.certificate.public_key())
            .serial_number(7)
            .not_valid_before(NOW)
            .not_valid_after(NOW + timedelta(days=1))
            .add_extension(x509.CRLDistributionPoints([point]), critical=False)
            .sign(root.key, hashes.SHA256())
        )
        with pytest.raises(RevocationUnknown):
            await ask(answers(tmp_path), root, Signer(pointed, signer.key))

    assert called == []

"""A responder (RFC 6960) over real HTTP on loopback, which may misbehave in every way."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chassis.testing import FrozenClock
from deploy.sandbox_authority.keys import Authority
from tests.receipt.signers.pki import Key

GOOD, REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED


@dataclass(frozen=True)
class Delegate:
    """Whom an authority appointed to answer for it."""

    key: Key
    certificate: x509.Certificate

    @classmethod
    def of(
        cls,
        authority: Authority,
        now: datetime,
        *,
        key: Key | None = None,
        appointed: bool = True,
        unasked: bool = True,
        days: int = 30,
    ) -> "Delegate":
        key = key or generate_private_key(SECP256R1())
        use = ExtendedKeyUsageOID.OCSP_SIGNING if appointed else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Responder")]))
            .issuer_name(authority.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        )
        if unasked:
            builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
        return cls(key, builder.sign(authority.key, hashes.SHA256()))


@dataclass
class Responder:
    """Answers for one authority about any certificate; what stands here may be changed."""

    authority: Authority
    clock: FrozenClock
    delegate: Delegate | None = None
    status: ocsp.OCSPCertStatus = GOOD
    since: timedelta = timedelta(0)
    lasts: timedelta | None = timedelta(hours=12)
    # Another serial number than was asked about.
    about: int | None = None
    # Says it twice in one answer, or brings more certificates than its own.
    twice: bool = False
    brings: tuple[x509.Certificate, ...] = ()
    # Says this instead, or waits before it answers.
    instead: Callable[[bytes], tuple[int, bytes]] | None = None
    waits_seconds: float = 0
    questions: list[bytes] = field(default_factory=list)

    def answer(self, raw: bytes) -> tuple[int, bytes]:
        self.questions.append(raw)
        time.sleep(self.waits_seconds)
        if self.instead:
            return self.instead(raw)
        asked = ocsp.load_der_ocsp_request(raw)
        return 200, self.say(
            asked.serial_number,
            hash_algorithm=asked.hash_algorithm,
            nonce=asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce,
        )

    def say(
        self,
        serial: int,
        *,
        hash_algorithm: hashes.HashAlgorithm | None = None,
        nonce: bytes | None = None,
    ) -> bytes:
        issuer = self.authority.certificate
        hash_algorithm = hash_algorithm or hashes.SHA1()
        named = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, hash_algorithm).build()
        since = self.clock.now().replace(microsecond=0) + self.since
        revoked = self.status is REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=named.issuer_name_hash,
            issuer_key_hash=named.issuer_key_hash,
            serial_number=self.about or serial,
            algorithm=hash_algorithm,
            cert_status=self.status,
            this_update=since,
            next_update=since + self.lasts if self.lasts else None,
            revocation_time=since if revoked else None,
            revocation_reason=None,
        )
        signer = self.delegate or self.authority
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        if self.delegate:
            builder = builder.certificates([self.delegate.certificate, *self.brings])
        if nonce:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        said = builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)
        return _twice(said, signer.key) if self.twice else said


def _twice(said: bytes, key: Any) -> bytes:
    """The same about the same certificate once more, and signed again."""
    answer = asn1_ocsp.OCSPResponse.load(said)
    basic: Any = answer["response_bytes"]["response"].parsed
    (single,) = basic["tbs_response_data"]["responses"]
    basic["tbs_response_data"]["responses"] = [single, single.copy()]
    signed = basic["tbs_response_data"].dump(force=True)
    basic["signature"] = key.sign(signed, ECDSA(hashes.SHA256()))
    answer["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    spelled: bytes = answer.dump(force=True)
    return spelled


@contextmanager
def serving(responder: Responder) -> Iterator[str]:
    """At this address, until left."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            status, said = responder.answer(raw)
            self.send_response(status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *said: Any) -> None:
            """Into no test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

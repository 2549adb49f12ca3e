"""What an authority says of its certificates: a list (RFC 5280), single answers (RFC 6960)."""

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from deploy.sandbox_authority.keys import Authority

LASTS: Final = timedelta(hours=12)


def current_list(authority: Authority, *, now: datetime) -> bytes:
    """Signed anew each time, so that it is always fresh."""
    return _sign_list(authority, _revoked(authority), now).public_bytes(Encoding.DER)


def revoke(authority: Authority, serial: int, *, now: datetime) -> None:
    """For good: it joins the list on the disk."""
    known = _revoked(authority)
    if serial in {one.serial_number for one in known}:
        return
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_whole(now))
    listed = _sign_list(authority, [*known, entry.build()], now)
    aside = authority.revoked_file.with_suffix(".new")
    aside.write_bytes(listed.public_bytes(Encoding.PEM))
    aside.replace(authority.revoked_file)


def answer(authority: Authority, asked: bytes, *, now: datetime) -> bytes:
    """Raises ValueError for what is no question."""
    question = ocsp.load_der_ocsp_request(asked)
    issuer = authority.certificate
    mine = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, question.hash_algorithm)
    stated = mine.build()
    if (question.issuer_name_hash, question.issuer_key_hash) != (
        stated.issuer_name_hash,
        stated.issuer_key_hash,
    ):
        refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        return refused.public_bytes(Encoding.DER)
    found = {one.serial_number: one for one in _revoked(authority)}.get(question.serial_number)
    good, revoked = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=question.issuer_name_hash,
        issuer_key_hash=question.issuer_key_hash,
        serial_number=question.serial_number,
        algorithm=question.hash_algorithm,
        cert_status=good if found is None else revoked,
        this_update=_whole(now),
        next_update=_whole(now) + LASTS,
        revocation_time=None if found is None else found.revocation_date_utc,
        revocation_reason=None,
    )
    signed = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer).sign(
        authority.key, hashes.SHA256()
    )
    return signed.public_bytes(Encoding.DER)


def _revoked(authority: Authority) -> list[x509.RevokedCertificate]:
    return list(x509.load_pem_x509_crl(authority.revoked_file.read_bytes()))


def _sign_list(
    authority: Authority, revoked: list[x509.RevokedCertificate], now: datetime
) -> x509.CertificateRevocationList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(_whole(now))
        .next_update(_whole(now) + LASTS)
    )
    for one in revoked:
        builder = builder.add_revoked_certificate(one)
    return builder.sign(authority.key, hashes.SHA256())


def _whole(now: datetime) -> datetime:
    return now.replace(microsecond=0)

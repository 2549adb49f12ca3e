"""Every key a development machine needs, made once and kept; production brings its own.

Safe to call from several processes at once and again at every start: what exists is never touched.
"""

import fcntl
import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chassis.clock import Clock, SystemClock
from deploy.development_providers import ensure_development_providers

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey
PublicKey = EllipticCurvePublicKey | Ed25519PublicKey

# Whoever calls another house or says an event.
INTERNAL_ISSUERS: Final = (
    "catalog",
    "dossier",
    "gateway",
    "notification",
    "payment",
    "receipt",
)
SEALING_KEY: Final = "2026"
CLIENTS: Final[Mapping[str, type[PrivateKey]]] = {
    "portal-demo": Ed25519PrivateKey,
    "bank-echeque": EllipticCurvePrivateKey,
    "bank-sandbox": EllipticCurvePrivateKey,
}

AUTHORITY_NAME: Final = "Lephi Development CA"
COLLECTING_BODY: Final = "Trung tâm Phục vụ hành chính công tỉnh Đồng Nai"
# Who vouches for people's, officers' and time stampers' certificates: folder of keys/trust → name.
AUTHORITIES: Final[Mapping[str, str]] = {
    "person-ca": "Lephi Development Person CA",
    "officer-ca": "Lephi Development Officer CA",
    "tsa-ca": "Lephi Development Time CA",
}
# A gateway takes a list of a day; a new one is made in good time.
REVOCATION_LIST_AGE_MAX: Final = timedelta(hours=12)
REVOCATION_LIST_LASTS: Final = timedelta(hours=48)
AUTHORITY_YEARS: Final = 20
SIGNER_YEARS: Final = 3


def ensure_development_keys(var_dir: Path, *, clock: Clock | None = None) -> None:
    """Fill in whatever is missing of `keys/` and `trust/` below `var_dir`."""
    keys = var_dir / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    with _alone(keys / ".lock"):
        for issuer in INTERNAL_ISSUERS:
            _ensure_pair(keys / "internal" / issuer, EllipticCurvePrivateKey)
        _ensure_sealing_key(keys / "sealing" / f"{SEALING_KEY}.key")
        _ensure_pair(keys / "gateway" / "evidence", EllipticCurvePrivateKey)
        _ensure_pair(keys / "gateway" / "answers", EllipticCurvePrivateKey)
        _ensure_pair(keys / "gateway" / "tokens", EllipticCurvePrivateKey)
        _ensure_pair(keys / "gateway" / "checkpoints", EllipticCurvePrivateKey)
        for client_id, kind in CLIENTS.items():
            _ensure_pair(keys / "clients" / client_id, kind)
        _ensure_pair(keys / "payment" / "outgoing", EllipticCurvePrivateKey)
        _ensure_private_key(keys / "notification" / "webhook.key.pem", Ed25519PrivateKey)
        ensure_development_providers(
            keys, write=lambda path, content: _write(path, content, private=True)
        )
        _ensure_receipt_signer(keys / "receipt", clock or SystemClock())
        for name, title in AUTHORITIES.items():
            _ensure_authority(keys, name, title, clock or SystemClock())
        _ensure_time_stamper(keys, clock or SystemClock())
        _ensure_anchors(var_dir / "trust" / "anchors.json", keys)


def public_jwk(key: PublicKey) -> dict[str, str]:
    """The members that RFC 7638 digests, and no other."""
    if isinstance(key, Ed25519PublicKey):
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    x, y = point[1:33], point[33:]
    return {"crv": "P-256", "kty": "EC", "x": _base64url(x), "y": _base64url(y)}


def thumbprint(jwk: dict[str, str]) -> str:
    spelled = json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()
    return _base64url(hashlib.sha256(spelled).digest())


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time; the system drops the lock when its holder dies."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: bytes, *, private: bool) -> None:
    """A reader sees the whole file or none: it is written aside, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600 if private else 0o644)
    aside.write_bytes(content)
    aside.replace(path)


def _ensure_private_key(path: Path, kind: type[PrivateKey]) -> PrivateKey:
    if not path.exists():
        made: PrivateKey = (
            Ed25519PrivateKey.generate()
            if kind is Ed25519PrivateKey
            else generate_private_key(SECP256R1())
        )
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(path, pem, private=True)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise TypeError(f"{path} holds a {type(key).__name__}, which is not in use here")
    return key


def _ensure_pair(stem: Path, kind: type[PrivateKey]) -> None:
    key = _ensure_private_key(stem.with_name(f"{stem.name}.key.pem"), kind)
    public = stem.with_name(f"{stem.name}.pub.pem")
    if not public.exists():
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _write(public, pem, private=False)


def _ensure_sealing_key(path: Path) -> None:
    if not path.exists():
        _write(path, b64encode(AESGCM.generate_key(bit_length=256)) + b"\n", private=True)


def _ensure_receipt_signer(folder: Path, clock: Clock) -> None:
    """A certificate authority of our own and the signer it vouches for."""
    authority_key = _ensure_private_key(folder / "ca.key.pem", EllipticCurvePrivateKey)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY_NAME),
        ]
    )
    if not (folder / "ca.pem").exists():
        certificate = (
            _certificate(name, authority_key, clock=clock, years=AUTHORITY_YEARS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
            .issuer_name(name)
            .sign(authority_key, hashes.SHA256())
        )
        _write(folder / "ca.pem", certificate.public_bytes(Encoding.PEM), private=False)
    ensure_certified_signer(folder, "signer", clock=clock)


def ensure_certified_signer(folder: Path, stem: str, *, clock: Clock) -> None:
    """A key and its certificate by the authority of receipts in this folder."""
    authority_key = _ensure_private_key(folder / "ca.key.pem", EllipticCurvePrivateKey)
    signer_key = _ensure_private_key(folder / f"{stem}.key.pem", EllipticCurvePrivateKey)
    path = folder / f"{stem}.pem"
    if not path.exists():
        authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, COLLECTING_BODY),
                x509.NameAttribute(NameOID.COMMON_NAME, COLLECTING_BODY),
            ]
        )
        issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
        # Without contentCommitment (non-repudiation) a PAdES validator does not trust the signer.
        certificate = (
            _certificate(subject, signer_key, clock=clock, years=SIGNER_YEARS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage("digital_signature", "content_commitment"), critical=True)
            .add_extension(issuer_id, critical=False)
            .issuer_name(authority.subject)
            .sign(authority_key, hashes.SHA256())
        )
        _write(path, certificate.public_bytes(Encoding.PEM), private=False)


def _ensure_authority(keys: Path, name: str, title: str, clock: Clock) -> None:
    """Root and revocation list where a gateway trusts them; the private key is kept apart."""
    key = _ensure_private_key(
        keys / "sandbox-authority" / f"{name}.key.pem", EllipticCurvePrivateKey
    )
    root, revoked = (keys / "trust" / name / f"development.{end}" for end in ("pem", "crl"))
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.COMMON_NAME, title),
        ]
    )
    if not root.exists():
        certificate = (
            _certificate(subject, key, clock=clock, years=AUTHORITY_YEARS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
            .issuer_name(subject)
            .sign(key, hashes.SHA256())
        )
        _write(root, certificate.public_bytes(Encoding.PEM), private=False)
    now = clock.now().replace(microsecond=0)
    known: list[x509.RevokedCertificate] = []
    if revoked.exists():
        old = x509.load_pem_x509_crl(revoked.read_bytes())
        if now - old.last_update_utc <= REVOCATION_LIST_AGE_MAX:
            return
        known = list(old)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(subject)
        .last_update(now)
        .next_update(now + REVOCATION_LIST_LASTS)
    )
    for one in known:
        builder = builder.add_revoked_certificate(one)
    _write(revoked, builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), private=False)


def _ensure_time_stamper(keys: Path, clock: Clock) -> None:
    """Whom the sandbox authority signs time stamps as (RFC 3161, 2.3: for nothing else)."""
    folder = keys / "sandbox-authority"
    key = _ensure_private_key(folder / "tsa.key.pem", EllipticCurvePrivateKey)
    if (folder / "tsa.pem").exists():
        return
    authority_key = _ensure_private_key(folder / "tsa-ca.key.pem", EllipticCurvePrivateKey)
    root = x509.load_pem_x509_certificate(
        (keys / "trust" / "tsa-ca" / "development.pem").read_bytes()
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lephi Development TSA")])
    certificate = (
        _certificate(subject, key, clock=clock, years=SIGNER_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .issuer_name(root.subject)
        .sign(authority_key, hashes.SHA256())
    )
    _write(folder / "tsa.pem", certificate.public_bytes(Encoding.PEM), private=False)


def _certificate(
    subject: x509.Name, key: PrivateKey, *, clock: Clock, years: int
) -> x509.CertificateBuilder:
    # A day of grace, for the clock of another machine may be slow.
    since = clock.now().replace(microsecond=0) - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*used: str) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in used for name in names})


def _ensure_anchors(path: Path, keys: Path) -> None:
    """What a verifier trusts. Entries only ever join: old proofs must verify after a new key."""
    anchors: dict[str, Any] = {"receipt_ca": [], "evidence_keys": {}, "clients": {}}
    if path.exists():
        anchors |= json.loads(path.read_text("utf-8"))
    before = json.dumps(anchors, sort_keys=True)
    authority = (keys / "receipt" / "ca.pem").read_text("ascii")
    if authority not in anchors["receipt_ca"]:
        anchors["receipt_ca"].append(authority)
    for name in AUTHORITIES:
        root = (keys / "trust" / name / "development.pem").read_text("ascii")
        trusted = anchors.setdefault(name.replace("-", "_"), [])
        if root not in trusted:
            trusted.append(root)
    anchors["evidence_keys"] |= _jwk_by_kid(keys / "gateway" / "evidence.pub.pem")
    answers = _jwk_by_kid(keys / "gateway" / "answers.pub.pem")
    anchors.setdefault("answer_keys", {}).update(answers)
    checkpoints = _jwk_by_kid(keys / "gateway" / "checkpoints.pub.pem")
    anchors.setdefault("checkpoint_keys", {}).update(checkpoints)
    anchors.setdefault("witness_keys", {})
    for public in sorted((keys / "clients").glob("*.pub.pem")):
        client_id = public.name.removesuffix(".pub.pem")
        known = anchors["clients"].setdefault(client_id, {})
        # An entry with the validity of its key, from `lephi keys export`, says more than a key.
        known |= {kid: jwk for kid, jwk in _jwk_by_kid(public).items() if kid not in known}
    if not path.exists() or json.dumps(anchors, sort_keys=True) != before:
        text = json.dumps(anchors, ensure_ascii=False, indent=2, sort_keys=True)
        _write(path, f"{text}\n".encode(), private=False)


def _jwk_by_kid(path: Path) -> dict[str, dict[str, str]]:
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey):
        raise TypeError(f"{path} holds a {type(key).__name__}, which is not in use here")
    jwk = public_jwk(key)
    return {thumbprint(jwk): jwk}


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()

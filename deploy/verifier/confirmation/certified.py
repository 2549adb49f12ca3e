"""A signature by a certificate: the path, the purpose, and the word on revocation that was kept."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from deploy.verifier.anchors import UNREADABLE, load_certificate
from deploy.verifier.confirmation.cms import read_cms
from deploy.verifier.confirmation.jws import read_jws
from deploy.verifier.confirmation.proof import Proof
from deploy.verifier.confirmation.revocation import require_not_revoked
from deploy.verifier.verdict import Broken, require

CHAIN_MAX: Final = 6
RSA_BITS_MIN: Final = 2048
DIGESTS: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
CURVES: Final = {"ES256": SECP256R1, "ES384": SECP384R1}
# Form → algorithm, the certificate it was signed with, signature and what is signed.
READERS: Final[Mapping[str, Callable[[str, bytes], tuple[str, bytes, bytes, bytes]]]] = {
    "jws": read_jws,
    "cms": read_cms,
}


def check_certified(proof: Proof, roots: Sequence[x509.Certificate]) -> x509.Certificate:
    """The signer's certificate, once all of it holds; raises Broken."""
    form = proof.text("signature_form")
    require(form in READERS, "the signature is of no form that counts")
    algorithm, leaf_der, signature, signed = READERS[form](
        proof.text("signature"), proof.intent_bytes
    )
    chain = _chain(proof)
    leaf = chain[0]
    require(leaf.public_bytes(Encoding.DER) == leaf_der, "it is signed by another certificate")
    digest = hashlib.sha256(leaf_der).hexdigest()
    require(proof.text("certificate_sha256") == digest, "the record names another certificate")
    require(proof.text("algorithm") == algorithm, "the record names another algorithm")
    _require_path(chain, roots, proof)
    _require_purpose(leaf)
    _require_signature(algorithm, leaf.public_key(), signature, signed)
    require_not_revoked(chain, proof)
    return leaf


def _chain(proof: Proof) -> list[x509.Certificate]:
    stated = proof.said.get("chain")
    if not isinstance(stated, list) or not 2 <= len(stated) <= CHAIN_MAX:
        raise Broken("the certificates are not kept")
    try:
        return [load_certificate(b64decode(one, validate=True)) for one in stated]
    except (ValueError, TypeError) as error:
        raise Broken("a certificate is not base64") from error


def _require_path(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], proof: Proof
) -> None:
    require(chain[-1] in roots, "the path ends at no authority that we trust")
    for one in chain:
        valid = one.not_valid_before_utc <= proof.confirmed_at <= one.not_valid_after_utc
        require(valid, "a certificate was not valid when it was confirmed")
    for number, (one, issuer) in enumerate(pairwise(chain)):
        try:
            one.verify_directly_issued_by(issuer)
            limits = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
            uses = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        except (InvalidSignature, x509.ExtensionNotFound, *UNREADABLE) as error:
            raise Broken("the path of certificates is broken") from error
        require(limits.ca and uses.key_cert_sign, "an issuer of the path is no authority")
        short = limits.path_length is None or limits.path_length >= number
        require(short, "the path is longer than its authority allows")
        strong = one.signature_hash_algorithm
        require(strong is not None and strong.digest_size >= 32, "a certificate is signed weakly")


def _require_purpose(leaf: x509.Certificate) -> None:
    try:
        uses = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, *UNREADABLE) as error:
        raise Broken("the certificate does not say what its key is for") from error
    fit = uses.digital_signature or uses.content_commitment
    require(fit, "the certificate is not for signing")


def _require_signature(algorithm: str, key: Any, signature: bytes, signed: bytes) -> None:
    scheme, digest = algorithm[:2], DIGESTS.get(algorithm[2:])
    if digest is None:
        raise Broken("the signature's algorithm does not count")
    try:
        if scheme == "ES" and isinstance(key, EllipticCurvePublicKey):
            fit = algorithm in CURVES and isinstance(key.curve, CURVES[algorithm])
            require(fit, "the algorithm is not the one of the key")
            key.verify(signature, signed, ECDSA(digest))
        elif scheme in ("RS", "PS") and isinstance(key, RSAPublicKey):
            require(key.key_size >= RSA_BITS_MIN, "the key is too short")
            salted = PSS(mgf=MGF1(digest), salt_length=digest.digest_size)
            padding = PKCS1v15() if scheme == "RS" else salted
            key.verify(signature, signed, padding, digest)
        else:
            raise Broken("the algorithm is not the one of the key")
    except InvalidSignature as error:
        raise Broken("the signature does not fit the intent") from error

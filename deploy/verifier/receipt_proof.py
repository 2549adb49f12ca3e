"""What stands behind a receipt's signature besides its signer: a time stamp, words of revocation.

With a stamp, certificates are judged at the stamped time and no longer at the time the signer says.
All of it is outside the signature, so each part is taken in one shape only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from deploy.verifier.anchors import UNREADABLE, Anchors, load_certificate
from deploy.verifier.receipt_revocation import SKEW, is_about, require_good, require_unlisted
from deploy.verifier.time_stamp import read_time_stamp
from deploy.verifier.verdict import Broken, require

B_B, B_T, B_LT = "B-B", "B-T", "B-LT"
LEVELS: Final = (B_B, B_T, B_LT)
WRONG: Final = (*UNREADABLE, LookupError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldProofs:
    token: bytes | None = None
    authorities: Sequence[bytes] = ()
    lists: Sequence[bytes] = ()
    answers: Sequence[bytes] = ()

    @property
    def level(self) -> str:
        if self.token is None:
            return B_B
        return B_LT if self.lists or self.answers else B_T


def judged_at(
    held: HeldProofs,
    *,
    promised: str,
    signature: bytes,
    certificate: x509.Certificate,
    claimed: datetime,
    anchors: Anchors,
) -> datetime:
    """The time that counts, at which the signer was in order; `signature` is what was stamped."""
    require(promised in LEVELS, "it promises proofs of no kind that is known")
    require(held.level == promised, f"it promises {promised} and brings {held.level}")
    if held.token is None:
        anchors.require_receipt_signer(certificate, at=claimed)
        return claimed
    at = read_time_stamp(held.token, signature, anchors)
    require(claimed <= at + SKEW, "it says that it was signed after its time stamp")
    anchors.require_receipt_signer(certificate, at=at)
    try:
        stamper = _stamper(held.token)
        if held.level == B_LT:
            _require_unrevoked(held, anchors.path_of(certificate), stamper, anchors, at)
    except WRONG as error:
        raise Broken("its proofs cannot be read") from error
    return at


def _stamper(token: bytes) -> x509.Certificate:
    """Whatever of the token is under no signature must be as it can only be."""
    content = cms.ContentInfo.load(token, strict=True)
    data = content["content"]
    (info,) = data["signer_infos"]
    require(len(data["certificates"]) == 1, "the time stamp must bring one certificate")
    held = data["certificates"][0].chosen
    sid = info["sid"].chosen
    named = (sid["issuer"].dump(), sid["serial_number"].native)
    digests = [one.dump() for one in data["digest_algorithms"]]
    one_shape = (
        data["version"].native == "v3"
        and info["version"].native == "v1"
        and not data["crls"]
        and not info["unsigned_attrs"]
        and named == (held.issuer.dump(), held.serial_number)
        and digests == [info["digest_algorithm"].dump()]
        and info["digest_algorithm"]["parameters"].native is None
        and info["signature_algorithm"]["parameters"].native is None
        and content.dump(force=True) == token
    )
    require(one_shape, "the time stamp has parts that nobody signed")
    return load_certificate(held.dump())


def _require_unrevoked(
    held: HeldProofs,
    path: Sequence[x509.Certificate],
    stamper: x509.Certificate,
    anchors: Anchors,
    at: datetime,
) -> None:
    """Each by an answer about itself or by its authority's list; nothing is brought for nothing."""
    vouching = next((one for one in anchors.time_authorities if _issued(one, stamper)), None)
    if vouching is None:
        raise Broken("nobody we trust vouches for a certificate of its proofs")
    vouched = [*pairwise(path), (stamper, vouching)]
    answers = list(held.answers)
    issuers: list[x509.Certificate] = []
    listing: list[x509.Certificate] = []
    for one, issuer in vouched:
        if issuer not in issuers:
            issuers.append(issuer)
        if answers and is_about(answers[0], one, issuer):
            require_good(answers.pop(0), issuer, at)
        elif issuer not in listing:
            listing.append(issuer)
    require(not answers, "it brings an answer about another certificate")
    certificates = [one for one, _ in vouched]
    require(
        list(held.authorities) == [one.public_bytes(Encoding.DER) for one in issuers]
        and len(held.lists) == len(listing),
        "it brings other authorities than those that vouch for it",
    )
    for issuer, raw in zip(listing, held.lists, strict=True):
        require_unlisted(raw, issuer, certificates, at)


def _issued(authority: x509.Certificate, one: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(authority)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True

"""Content-Digest (RFC 9530), recomputed over the raw bytes before anybody parses them."""

import hashlib
from base64 import b64encode
from typing import Final

from chassis.message_signatures.refusal import BadSignature
from chassis.message_signatures.syntax import read_digests

KNOWN: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def check_digest(content_digest: str, body: bytes) -> None:
    """Every digest of a kind we know must be the body's; one such is needed, others are ignored."""
    given = read_digests(content_digest)
    known = given.keys() & KNOWN.keys()
    if not known:
        raise BadSignature("content-digest is neither sha-256 nor sha-512")
    for name in known:
        if given[name] != b64encode(KNOWN[name](body).digest()).decode():
            raise BadSignature(f"content-digest is not the {name} of the body")

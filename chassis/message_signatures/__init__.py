"""HTTP Message Signatures (RFC 9421) in the one shape that is accepted here (ADR 0009).

One signature of ours, labelled `lephi`, over exactly the components of its class, with created,
expires, nonce, keyid and tag; the body by Content-Digest (RFC 9530). Verification is our own and
goes straight to `cryptography`; the library of the same standard is its oracle in the tests.
"""

from chassis.message_signatures.answers import (
    RESPONSE_TAG,
    AnswerChecks,
    sign_response,
    verify_response,
)
from chassis.message_signatures.primitives import RSA_BITS_MIN, algorithm_of
from chassis.message_signatures.refusal import BadSignature
from chassis.message_signatures.requests import (
    AGE_SECONDS_MAX,
    AHEAD_SECONDS_MAX,
    LIFETIME_SECONDS,
    PARAMETERS,
    WINDOW_SECONDS_MAX,
    Parameters,
    RequestSigner,
    SignedMessage,
    Verified,
    check_window,
    read_parameters,
    verify,
)
from chassis.message_signatures.shapes import CALLBACK, FEE_REQUEST, READ, SHAPES, Shape
from chassis.message_signatures.syntax import HEADER_BYTES_MAX, LABEL

__all__ = [
    "AGE_SECONDS_MAX",
    "AHEAD_SECONDS_MAX",
    "CALLBACK",
    "FEE_REQUEST",
    "HEADER_BYTES_MAX",
    "LABEL",
    "LIFETIME_SECONDS",
    "PARAMETERS",
    "READ",
    "RESPONSE_TAG",
    "RSA_BITS_MIN",
    "SHAPES",
    "WINDOW_SECONDS_MAX",
    "AnswerChecks",
    "BadSignature",
    "Parameters",
    "RequestSigner",
    "Shape",
    "SignedMessage",
    "Verified",
    "algorithm_of",
    "check_window",
    "read_parameters",
    "sign_response",
    "verify",
    "verify_response",
]

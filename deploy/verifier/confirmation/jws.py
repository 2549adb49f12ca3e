"""Detached JWS with its certificates in x5c (RFC 7515 and RFC 7797)."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from deploy.verifier.encodings import from_base64, from_base64url, json_object, text_at
from deploy.verifier.verdict import Broken, require

TYPE: Final = "lephi-fee-intent+jws"
MEMBERS: Final = {"alg", "b64", "crit", "typ", "x5c"}
WHAT: Final = "the JWS header"


def read_jws(jws: str, payload: bytes) -> tuple[str, bytes, bytes, bytes]:
    """Algorithm, the signer's certificate (DER), signature and what is signed."""
    parts = jws.split(".")
    require(len(parts) == 3 and parts[1] == "", "it is not a detached JWS")
    header = json_object(from_base64url(parts[0], WHAT), WHAT)
    require(header.keys() == MEMBERS, "the JWS header has other members than agreed")
    require(header["b64"] is False and header["crit"] == ["b64"], "the JWS is not detached")
    require(header["typ"] == TYPE, f"the JWS is not of type {TYPE}")
    x5c = header["x5c"]
    if not isinstance(x5c, list) or not x5c or not isinstance(x5c[0], str):
        raise Broken("the JWS names no certificate")
    algorithm = text_at(header, "alg", WHAT)
    signature = from_base64url(parts[2], "the JWS signature")
    if algorithm in ("ES256", "ES384"):
        half = len(signature) // 2
        require(half == (32 if algorithm == "ES256" else 48), "the signature has a wrong length")
        r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
        signature = encode_dss_signature(r, s)
    signed = parts[0].encode() + b"." + payload
    return algorithm, from_base64(x5c[0], "x5c"), signature, signed

"""What a client can get wrong, or try, while its signature is right over what it says."""

import hashlib
import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from chassis.canonical import content_digest
from chassis.keys import public_jwk, thumbprint
from tests.gateway.corpus.mutation import ByClient, ClientChanges
from tests.gateway.corpus.recipe import Recipe

MORE_COMPONENTS: Final = (
    '"@authority"', '"@path"', '"@query"', '"@scheme"', '"@request-target"', '"date"',
    '"host"', '"content-length"', '"accept"', '"authorization"', '"dpop"', '"x-request-id"',
    '"@query-param";name="x"', '"@status"', '"@signature-params"', '"signature"',
)  # fmt: skip
FLAGS: Final = (";sf", ";bs", ";tr", ";req", ';key="lephi"')
# Who says another method and who sends another method change the same place.
PLACES: Final = {"@method": "method", "@target-uri": "target"}
TAGS: Final = (
    "lephi-fee-request-1", "lephi-read-1", "lephi-bank-callback-1", "lephi-response-1",
    "lephi-fee-request-2", "LEPHI-FEE-REQUEST-1", "fapi-2-request", "web-bot-auth", "", "lephi-",
)  # fmt: skip
NONCES: Final = (
    '""', '"a"', '"' + "n" * 21 + '"', '"' + "n" * 129 + '"', '"' + "n" * 21 + ' "',
    '"' + "n" * 21 + '\\""', "1234567890123456789012", ":" + "A" * 24 + ":", "n" * 22, "?1",
)  # fmt: skip
ALGORITHMS: Final = (
    '"hmac-sha256"', '"rsa-v1_5-sha256"', '"ecdsa-p384-sha384"', '"none"', '""', '"ED25519"',
    '"EdDSA"', '"ES256"', "ed25519", "1",
)  # fmt: skip
JSON: Final[dict[str, bytes]] = {
    "a key twice": b'{"amount":1,"amount":2}',
    "a key twice, escaped": b'{"amount":1,"am\\u006funt":2}',
    "NaN": b'{"amount":NaN}',
    "infinity": b'{"amount":-Infinity}',
    "cut off": b'{"amount":',
    "not UTF-8": b'{"amount":"\xff"}',
    "UTF-16": '{"amount":1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"amount":1}',
    "too deep": b"[" * 40 + b"]" * 40,
    "a comment": b'{"amount":1}//',
    "single quotes": b"{'amount':1}",
    "two documents": b"{}{}",
    "no JSON": b"amount=1",
}


def component_changes(recipe: Recipe) -> ClientChanges:
    for one in recipe.components:
        place = f"component {one}"
        yield ByClient(place, f"{one} left out", partial(_without, one=one))
        yield ByClient(place, f"{one} twice", partial(_with, one=one))
        yield ByClient(place, f"{one} in capitals", partial(_exchanged, one=one, new=one.upper()))
        for flag in FLAGS:
            yield ByClient(
                place, f"{one} with {flag}", partial(_exchanged, one=one, new=one + flag)
            )
    for one in MORE_COMPONENTS:
        yield ByClient("components", f"{one} too", partial(_with, one=one))
    yield ByClient("components", "none at all", partial(_change, components=()))
    split = tuple(
        part
        for one in recipe.components
        for part in (('"@authority"', '"@path"', '"@query"') if "target" in one else (one,))
    )
    yield ByClient("components", "the target in parts", partial(_change, components=split))


def parameter_changes(recipe: Recipe) -> ClientChanges:
    for name, _value in recipe.parameters:
        yield ByClient(
            f"parameter {name}", f"{name} left out", partial(_parameter, name=name, value=None)
        )
    for name, values in (
        ("nonce", NONCES),
        ("alg", ALGORITHMS),
        ("tag", tuple(f'"{tag}"' for tag in TAGS)),
        ("keyid", ('""', '"unknown"', '"../../etc/passwd"', "1", '"http://evil.example/key"')),
        ("created", ('""', "-1", "0", "01", "1.5", "999999999999", "9999999999999999", "?1")),
        ("expires", ('""', "-1", "0", "1.5", "999999999999", ":AAAA:")),
    ):
        for value in values:
            if value != dict(recipe.parameters).get(name):
                change = partial(_parameter, name=name, value=value)
                yield ByClient(f"parameter {name}", f"{name} is {value:.40}", change)
    for name in ("context", "x", "jku", "jwk", "x5u"):
        change = partial(_parameter, name=name, value='"http://evil.example/"')
        yield ByClient(f"parameter {name}", f"{name} too", change)
    for label in ("sig1", "Lephi", "lephi2", "dvc", "*"):
        yield ByClient("label", f"label {label}", partial(_change, label=label))
    created = recipe.number("created")
    for began, lasts in (
        (-61, 60), (-61, 120), (-3600, 3601), (-86400, 120), (11, 60), (120, 60), (3600, 60),
        (0, 121), (0, 3600), (0, 0), (0, -1), (-30, 20), (-60, 59), (10, 121),
    ):  # fmt: skip
        change = partial(_timed, at=created + began, lasts=lasts)
        yield ByClient("time", f"created {began:+}, for {lasts}", change)


def value_changes(recipe: Recipe) -> ClientChanges:
    """The signature is over other words than those that are sent."""
    for name, values in {
        "@method": ("GET", "PUT", "DELETE", "post", ""),
        "@target-uri": (
            "http://gateway.example" + recipe.target,
            "https://127.0.0.1:8400" + recipe.target,
            "http://127.0.0.1" + recipe.target,
            "http://localhost:8400" + recipe.target,
            recipe.origin + recipe.target + "?",
            recipe.origin + recipe.target + "/",
            recipe.target,
        ),
        "content-type": ("text/plain", "application/json;charset=utf-8"),
        "content-digest": (content_digest(b"{}"),),
        "idempotency-key": ("order-0002", ""),
        "lephi-client": ("portal-other", "bank-sandbox", "portal-demo2", ""),
    }.items():
        for value in values:
            if f'"{name}"' in recipe.components and value not in (recipe.method, recipe.client_id):
                change = partial(_says, name=name, value=value)
                yield ByClient(PLACES.get(name, f"header {name}"), f"says {name} {value}", change)
    for client_id in ("portal-other", "PORTAL-DEMO", "bank-sandbox", "portal-demo", "unknown", ""):
        if client_id != recipe.client_id:
            change = partial(_change, client_id=client_id)
            yield ByClient("header lephi-client", f"client {client_id!r}", change)
    for how, body in JSON.items():
        if recipe.body:
            yield ByClient("body", f"a body with {how}", partial(_change, body=body))
        else:
            yield ByClient("body", f"a body: {how}", partial(_change, body=body))
    if recipe.body:
        for how, digest in DIGESTS.items():
            change = partial(_change, digest=digest)
            yield ByClient("header content-digest", f"digest {how}", change)


def key_changes(recipe: Recipe, others: dict[str, Any]) -> ClientChanges:
    """`others` are keys by what they are; each signs once under our key's name, once its own."""
    for whose, key in others.items():
        yield ByClient("key", f"signed by {whose}", partial(_change, key=key))
        if hasattr(key, "public_key"):
            jwk_of = f'"{_name_of(key)}"'
            # Another's key under its own name and for its owner is an honest request of theirs.
            change = partial(_keyed, key=key, keyid=jwk_of)
            yield ByClient("header lephi-client", f"by {whose}, named", change)
    for how, base in BASES.items():
        yield ByClient("base", f"base {how}", partial(_change, alter_base=base))
    for how, signature in SIGNATURES.items():
        yield ByClient("signature", f"signature {how}", partial(_change, alter_signature=signature))


def forgers() -> dict[str, Any]:
    """Keys nobody registered, and tricks with those that are public."""
    return {
        "a new Ed25519 key": ed25519.Ed25519PrivateKey.generate(),
        "a new P-256 key": ec.generate_private_key(ec.SECP256R1()),
        "a P-384 key": ec.generate_private_key(ec.SECP384R1()),
        "a new RSA key": rsa.generate_private_key(65537, 3072),
        "a short RSA key": rsa.generate_private_key(65537, 2048),
        "nobody": lambda _base: b"",
        "zeros": lambda _base: bytes(64),
        "a neutral point": lambda _base: b"\x01" + bytes(63),
        "ones for r and s": lambda _base: (1).to_bytes(32) + (1).to_bytes(32),
        "a digest alone": lambda base: hashlib.sha512(base).digest(),
    }


def with_public_key(key: Any) -> dict[str, Any]:
    """What everybody can make of a key that everybody knows."""
    x = str(public_jwk(key.public_key())["x"]).encode()
    return {
        "HMAC with the public key": lambda base: hmac.digest(x, base, "sha256"),
        "HMAC with the key's name": lambda base: hmac.digest(
            thumbprint(key.public_key()).encode(), base, "sha256"
        ),
    }


def rsa_v1_5(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda base: key.sign(base, padding.PKCS1v15(), hashes.SHA256())


def _name_of(key: Any) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size != 256:
        return "a-key-of-another-curve"
    return thumbprint(key.public_key())


def _sha512(body: bytes) -> str:
    return b64encode(hashlib.sha512(body).digest()).decode()


DIGESTS: Final[dict[str, Callable[[bytes], str]]] = {
    "md5 only": lambda body: f"md5=:{b64encode(hashlib.md5(body).digest()).decode()}:",
    "sha only": lambda body: f"sha=:{b64encode(hashlib.sha1(body).digest()).decode()}:",
    "of another body": lambda body: content_digest(body + b" "),
    "in capitals": lambda body: content_digest(body).replace("sha", "SHA"),
    "without colons": lambda body: content_digest(body).replace(":", ""),
    "empty": lambda body: "",
    "in base64url": lambda body: (
        f"sha-256=:{urlsafe_b64encode(hashlib.sha256(body).digest()).decode()}_:"
    ),
    "in hex": lambda body: f"sha-256=:{hashlib.sha256(body).hexdigest()}:",
    "with a parameter": lambda body: content_digest(body) + ";x",
    "twice": lambda body: f"{content_digest(body)}, {content_digest(body)}",
    "right, then wrong": lambda body: f"{content_digest(body)}, sha-512=:AAAA:",
    "wrong, then right": lambda body: f"{content_digest(b'')}, sha-512=:{_sha512(body)}:",
    "of five kinds": lambda body: "a=:AA==:, b=:AA==:, c=:AA==:, d=:AA==:, " + content_digest(body),
}
BASES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "with CR LF": lambda base: base.replace(b"\n", b"\r\n"),
    "with a line end more": lambda base: base + b"\n",
    "without its last line": lambda base: base.rpartition(b"\n")[0],
    "without its first line": lambda base: base.partition(b"\n")[2],
    "with lines in turn": lambda base: b"\n".join(reversed(base.split(b"\n"))),
    "in small letters": bytes.lower,
    "in capitals": bytes.upper,
    "without quotes": lambda base: base.replace(b'"', b""),
    "hashed before": lambda base: hashlib.sha256(base).digest(),
    "with two spaces": lambda base: base.replace(b": ", b":  "),
    "without spaces": lambda base: base.replace(b": ", b":"),
    "of nothing": lambda base: b"",
}
SIGNATURES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "a byte short": lambda raw: raw[:-1],
    "a byte long": lambda raw: raw + b"\0",
    "a byte before": lambda raw: b"\0" + raw,
    "empty": lambda raw: b"",
    "half": lambda raw: raw[: len(raw) // 2],
    "twice": lambda raw: raw + raw,
    "halves exchanged": lambda raw: raw[len(raw) // 2 :] + raw[: len(raw) // 2],
    "as text": b64encode,
    "in hex": lambda raw: raw.hex().encode(),
    "as DER": lambda raw: encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])),
    "bit 0": lambda raw: bytes(one ^ 1 for one in raw[:1]) + raw[1:],
    "last bit": lambda raw: raw[:-1] + bytes(one ^ 128 for one in raw[-1:]),
}


def _change(recipe: Recipe, **changes: Any) -> Recipe:
    return replace(recipe, **changes)


def _without(recipe: Recipe, *, one: str) -> Recipe:
    return replace(recipe, components=tuple(old for old in recipe.components if old != one))


def _with(recipe: Recipe, *, one: str) -> Recipe:
    return replace(recipe, components=(*recipe.components, one))


def _exchanged(recipe: Recipe, *, one: str, new: str) -> Recipe:
    return replace(
        recipe, components=tuple(new if old == one else old for old in recipe.components)
    )


def _parameter(recipe: Recipe, *, name: str, value: str | None) -> Recipe:
    return recipe.parameter(name, value)


def _timed(recipe: Recipe, *, at: int, lasts: int) -> Recipe:
    return recipe.parameter("created", str(at)).parameter("expires", str(at + lasts))


def _says(recipe: Recipe, *, name: str, value: str) -> Recipe:
    return replace(recipe, says={**recipe.says, name: value})


def _keyed(recipe: Recipe, *, key: Any, keyid: str) -> Recipe:
    return replace(recipe, key=key).parameter("keyid", keyid)

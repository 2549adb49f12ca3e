"""A key in a token (PKCS #11): it never leaves, and is asked over one session.

A process can load one library of a token's maker, and from one thread alone: two at once end the
process with SoftHSM under the binding we use. After any failure the session is closed, so that the
next try begins anew, as it must when a token was pulled out or its server restarted.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11.exceptions import NoSuchToken, PinIncorrect, PKCS11Error, UserAlreadyLoggedIn

from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.identity import SignatureAlgorithm, SigningIdentity
from services.receipt.providers.signers.certificates import identity_of, require_fits

SECONDS_MAX: Final = 5.0
OBJECTS_MAX: Final = 100
SCALAR_BYTES: Final = 32
# What a maker's library and its binding let out.
FAILURES: Final = (PKCS11Error, RuntimeError, OSError)
_ONE_THREAD: Final = ThreadPoolExecutor(1, thread_name_prefix="token")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """Which key of which token; `certificate` may stand in a file, where the token holds none."""

    module: Path
    token: str
    label: str
    pin: str
    certificate: x509.Certificate | None = None
    chain: Sequence[x509.Certificate] = ()


class Pkcs11Signer:
    def __init__(self, where: TokenKey, certificate: x509.Certificate) -> None:
        self._where = where
        self._certificate = certificate
        self._identity = identity_of(certificate, where.chain)
        self._session: Any = None

    @classmethod
    async def open(cls, where: TokenKey) -> Self:
        """Raises SignerUnavailable when the token or its certificate is not there."""
        if where.certificate is not None:
            return cls(where, where.certificate)
        return cls(where, await _apart(lambda: _read_certificate(where)))

    @property
    def identity(self) -> SigningIdentity:
        return self._identity

    async def sign(self, content: bytes) -> bytes:
        signature = raw = await _apart(lambda: self._sign(content))
        if self._identity.algorithm is SignatureAlgorithm.ECDSA_P256_SHA256:
            r, s = raw[:SCALAR_BYTES], raw[SCALAR_BYTES:]
            signature = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
        require_fits(self._certificate, content, signature)
        return signature

    def _sign(self, content: bytes) -> bytes:
        try:
            if self._session is None:
                self._session = _open(self._where)
            key = self._session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=self._where.label)
            if self._identity.algorithm is SignatureAlgorithm.RSA_SHA256:
                return bytes(key.sign(content, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
            return bytes(key.sign(sha256(content).digest(), mechanism=pkcs11.Mechanism.ECDSA))
        except FAILURES:
            session, self._session = self._session, None
            with suppress(*FAILURES):
                if session is not None:
                    session.close()
            raise


def _open(where: TokenKey) -> Any:
    library = pkcs11.lib(str(where.module))
    try:
        return _log_in(library, where)
    except PinIncorrect:
        # Not tried twice: too many wrong ones lock the token.
        raise
    except FAILURES:
        # A token that went away and came back is seen by a library that begins anew.
        library.reinitialize()
        return _log_in(library, where)


def _log_in(library: Any, where: TokenKey) -> Any:
    token = library.get_token(token_label=where.token)
    try:
        return token.open(user_pin=where.pin)
    except UserAlreadyLoggedIn:
        return token.open()


def _read_certificate(where: TokenKey) -> x509.Certificate:
    session = _open(where)
    try:
        key = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=where.label)
        wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}
        stored = list(session.get_objects(wanted))[:OBJECTS_MAX]
        mine = [one for one in stored if one[pkcs11.Attribute.ID] == key.id]
        if len(mine) != 1:
            raise SignerUnavailable(f"its token holds {len(mine)} certificates of this key")
        return x509.load_der_x509_certificate(mine[0][pkcs11.Attribute.VALUE])
    finally:
        session.close()


async def _apart(run: Callable[[], Found]) -> Found:
    """A maker's library blocks whoever calls it; it gets a thread, and not for ever."""
    try:
        async with asyncio.timeout(SECONDS_MAX):
            return await asyncio.get_running_loop().run_in_executor(_ONE_THREAD, run)
    except NoSuchToken as error:
        raise SignerUnavailable("its token is not there") from error
    except PinIncorrect as error:
        raise SignerUnavailable("its PIN is wrong; too many wrong ones lock the token") from error
    except TimeoutError as error:
        raise SignerUnavailable("its token does not answer in time") from error
    except FAILURES as error:
        raise SignerUnavailable(f"its token fails: {type(error).__name__}") from error

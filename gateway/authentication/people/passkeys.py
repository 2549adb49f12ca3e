"""WebAuthn answers, checked with py_webauthn's parts; every check we rely on is named here."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from webauthn import verify_registration_response
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_authentication_credential_json,
    parse_authenticator_data,
    verify_signature,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorDataFlags,
    CredentialDeviceType,
)

from chassis.canonical import load_json
from chassis.errors import Malformed
from gateway.domain.people.errors import PasskeyRefused
from gateway.domain.people.passkey import (
    ALGORITHMS,
    TRANSPORTS,
    AssertionResult,
    Passkey,
    RegistrationResult,
    RelyingParty,
)

CLIENT_DATA_BYTES_MAX: Final = 4096
CREATED: Final = "webauthn.create"
GOT: Final = "webauthn.get"
PAID: Final = "payment.get"
SUPPORTED: Final = [COSEAlgorithmIdentifier(number) for number in ALGORITHMS]
# What parsing strangers' bytes raises; the library lets some of Python's own errors through.
UNREADABLE: Final = (WebAuthnException, Malformed, ValueError, KeyError, TypeError)


class WebauthnPasskeys:
    def __init__(self, party: RelyingParty) -> None:
        self._party = party

    @property
    def party(self) -> RelyingParty:
        return self._party

    def challenge_of(self, response: Mapping[str, Any]) -> str:
        try:
            raw = _decode(response["response"]["clientDataJSON"])
            challenge = _client_data(raw)["challenge"]
        except UNREADABLE as error:
            raise PasskeyRefused("it cannot be read") from error
        if not isinstance(challenge, str):
            raise PasskeyRefused("it cannot be read")
        return challenge

    def verify_registration(
        self, response: Mapping[str, Any], *, challenge: str
    ) -> RegistrationResult:
        try:
            client_data = _client_data(_decode(response["response"]["clientDataJSON"]))
            self._check_client_data(client_data, wanted=CREATED, challenge=_decode(challenge))
            verified = verify_registration_response(
                credential=dict(response),
                expected_challenge=_decode(challenge),
                expected_rp_id=self._party.id,
                expected_origin=self._party.origin,
                require_user_presence=True,
                require_user_verification=True,
                supported_pub_key_algs=SUPPORTED,
            )
            given = response["response"].get("transports") or ()
            transports = tuple(sorted(TRANSPORTS.intersection(map(str, given))))
        except UNREADABLE as error:
            raise PasskeyRefused(_reason(error)) from error
        return RegistrationResult(
            credential_id=_encode(verified.credential_id),
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            transports=transports,
            aaguid=verified.aaguid,
            backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
        )

    def verify_assertion(
        self,
        credential: Passkey,
        response: Mapping[str, Any],
        *,
        challenge: bytes,
        payment: bool = False,
    ) -> AssertionResult:
        try:
            given = parse_authentication_credential_json(dict(response))
            if _encode(given.raw_id) != credential.id or given.id != credential.id:
                raise PasskeyRefused("it is of another passkey")
            client_data = _client_data(given.response.client_data_json)
            self._check_client_data(
                client_data, wanted=PAID if payment else GOT, challenge=challenge
            )
            authenticator = parse_authenticator_data(given.response.authenticator_data)
            self._check_authenticator(authenticator.rp_id_hash, authenticator.flags)
            _check_signature(credential, given)
        except InvalidSignature as error:
            raise PasskeyRefused("the signature does not fit") from error
        except UNREADABLE as error:
            raise PasskeyRefused(_reason(error)) from error
        return AssertionResult(
            credential_id=credential.id,
            sign_count=authenticator.sign_count,
            user_verified=authenticator.flags.uv,
            backed_up=authenticator.flags.bs,
            client_data_json=given.response.client_data_json,
            authenticator_data=given.response.authenticator_data,
            signature=given.response.signature,
        )

    def _check_client_data(
        self, client_data: Mapping[str, Any], *, wanted: str, challenge: bytes
    ) -> None:
        if client_data.get("type") != wanted:
            raise PasskeyRefused("it was made for something else")
        if not compare_digest(_decode(client_data["challenge"]), challenge):
            raise PasskeyRefused("it is for another challenge")
        if client_data.get("origin") != self._party.origin:
            raise PasskeyRefused("it was made on another origin")
        if client_data.get("crossOrigin"):
            raise PasskeyRefused("it was made inside another site's page")

    def _check_authenticator(self, rp_id_hash: bytes, flags: AuthenticatorDataFlags) -> None:
        if rp_id_hash != sha256(self._party.id.encode()).digest():
            raise PasskeyRefused("it was made for another site")
        if not flags.up:
            raise PasskeyRefused("nobody was present")
        if not flags.uv:
            raise PasskeyRefused("the person was not verified")
        if flags.bs and not flags.be:
            raise PasskeyRefused("its flags contradict one another")


def _check_signature(credential: Passkey, given: AuthenticationCredential) -> None:
    key = decode_credential_public_key(credential.public_key)
    signed = given.response.authenticator_data + sha256(given.response.client_data_json).digest()
    verify_signature(
        public_key=decoded_public_key_to_cryptography(key),
        signature_alg=key.alg,
        signature=given.response.signature,
        data=signed,
    )


def _client_data(raw: bytes) -> dict[str, Any]:
    value = load_json(raw, limit_bytes=CLIENT_DATA_BYTES_MAX)
    if not isinstance(value, dict):
        raise TypeError("client data is no object")
    return value


def _reason(error: Exception) -> str:
    """The library's sentences name what was expected, never whose it was."""
    return str(error).rstrip(".") if isinstance(error, WebAuthnException) else "it cannot be read"


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))

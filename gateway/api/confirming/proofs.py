"""Bodies of proofs: one for each kind, told apart by `kind`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from gateway.api.schemas import Code, RequestBody
from gateway.domain.confirming.certificate import CertifiedSignature, SignatureForm
from gateway.use_cases.confirming.kinds.device_key import DeviceKeyProof
from gateway.use_cases.confirming.kinds.officer_token import OfficerTokenProof
from gateway.use_cases.confirming.kinds.passkey import PasskeyProof
from gateway.use_cases.confirming.kinds.remote_signature import RemoteSignatureProof
from gateway.use_cases.confirming.kinds.secure_payment import SecurePaymentProof

JWS_PATTERN = r"^[A-Za-z0-9_.-]+$"
Jws = Annotated[str, Field(min_length=16, max_length=2048, pattern=JWS_PATTERN)]
CertifiedJws = Annotated[str, Field(min_length=16, max_length=32 * 1024, pattern=JWS_PATTERN)]
Cms = Annotated[str, Field(min_length=16, max_length=48 * 1024, pattern=r"^[A-Za-z0-9+/]+=*$")]
Base64Url = Annotated[str, Field(max_length=8192, pattern=r"^[A-Za-z0-9_-]*$")]


class DeviceKeyBody(RequestBody):
    """`jws` is detached (`header..signature`), `b64: false`, over the intent bytes."""

    kind: Literal["device-key"] = "device-key"
    jws: Jws
    totp: Code

    def given(self) -> DeviceKeyProof:
        return DeviceKeyProof(self.jws, self.totp)


class AssertionResponseBody(RequestBody):
    clientDataJSON: Base64Url  # noqa: N815 (WebAuthn's own spelling)
    authenticatorData: Base64Url  # noqa: N815
    signature: Base64Url
    userHandle: Base64Url | None = None  # noqa: N815


class CredentialBody(BaseModel):
    """`PublicKeyCredential.toJSON()`; what browsers add to it is left aside."""

    model_config = ConfigDict(extra="ignore")

    id: Base64Url
    rawId: Base64Url  # noqa: N815
    type: Literal["public-key"]
    response: AssertionResponseBody

    def stated(self) -> Mapping[str, Any]:
        return {**self.model_dump(exclude_none=True), "clientExtensionResults": {}}


class PasskeyBody(RequestBody):
    """An answer to `passkey-options.public_key`, whose challenge is the digest of the intent."""

    kind: Literal["passkey"]
    credential: CredentialBody

    def given(self) -> PasskeyProof:
        return PasskeyProof(self.credential.stated())


class SecurePaymentBody(RequestBody):
    """The `details` of a PaymentResponse to `passkey-options.payment`."""

    kind: Literal["secure-payment-confirmation"]
    credential: CredentialBody

    def given(self) -> SecurePaymentProof:
        return SecurePaymentProof(self.credential.stated())


class RemoteSignatureBody(RequestBody):
    """Exactly one: detached JWS with x5c, or detached CMS (DER in base64), over the intent."""

    kind: Literal["remote-signature"]
    signature: "SignatureBody"

    def given(self) -> RemoteSignatureProof:
        return RemoteSignatureProof(self.signature.given())


class JwsSignatureBody(RequestBody):
    form: Literal["jws"]
    value: CertifiedJws

    def given(self) -> CertifiedSignature:
        return CertifiedSignature(SignatureForm.JWS, self.value)


class CmsSignatureBody(RequestBody):
    form: Literal["cms"]
    value: Cms

    def given(self) -> CertifiedSignature:
        return CertifiedSignature(SignatureForm.CMS, self.value)


SignatureBody = Annotated[JwsSignatureBody | CmsSignatureBody, Field(discriminator="form")]


class OfficerTokenBody(RequestBody):
    """`jws` is detached, with x5c, made by the officer's token over the intent bytes."""

    kind: Literal["officer-token"]
    jws: CertifiedJws

    def given(self) -> OfficerTokenProof:
        return OfficerTokenProof(self.jws)


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("kind", "device-key"))
    return str(getattr(value, "kind", "device-key"))


ProofBody = Annotated[
    Annotated[DeviceKeyBody, Tag("device-key")]
    | Annotated[PasskeyBody, Tag("passkey")]
    | Annotated[SecurePaymentBody, Tag("secure-payment-confirmation")]
    | Annotated[RemoteSignatureBody, Tag("remote-signature")]
    | Annotated[OfficerTokenBody, Tag("officer-token")],
    Discriminator(_kind),
]
RemoteSignatureBody.model_rebuild()

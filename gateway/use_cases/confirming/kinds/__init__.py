"""Every kind of proof: one module a kind, one line in the table."""

from collections.abc import Mapping
from typing import Final

from gateway.domain.confirming.proof import ProofKind
from gateway.use_cases.confirming.kinds.device_key import DeviceKeyProof
from gateway.use_cases.confirming.kinds.officer_token import OfficerTokenProof
from gateway.use_cases.confirming.kinds.passkey import PasskeyProof
from gateway.use_cases.confirming.kinds.remote_signature import RemoteSignatureProof
from gateway.use_cases.confirming.kinds.secure_payment import SecurePaymentProof
from gateway.use_cases.confirming.proving import GivenProof

# What is not in here confirms nothing; password and one-time code alone are not.
KINDS: Final[Mapping[ProofKind, type[GivenProof]]] = {
    ProofKind.DEVICE_KEY: DeviceKeyProof,
    ProofKind.PASSKEY: PasskeyProof,
    ProofKind.SECURE_PAYMENT: SecurePaymentProof,
    ProofKind.REMOTE_SIGNATURE: RemoteSignatureProof,
    ProofKind.OFFICER_TOKEN: OfficerTokenProof,
}

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.confirming.proof import Factor, Proven, intent_digest
from gateway.domain.people.errors import PasskeyRefused
from gateway.domain.people.passkey import AssertionResult, Passkey
from gateway.use_cases.confirming.proving import ProvingTools, Setting


@dataclass(frozen=True, slots=True)
class Asserted:
    passkey: Passkey
    result: AssertionResult

    def proven(self, setting: Setting, *, factor: str) -> Proven:
        passkey, result = self.passkey, self.result
        material = {
            "credential_id": passkey.id,
            "cose_key": b64encode(passkey.public_key).decode(),
            "client_data": b64encode(result.client_data_json).decode(),
            "authenticator_data": b64encode(result.authenticator_data).decode(),
            "signature": b64encode(result.signature).decode(),
        }
        signed = Factor(name=factor, at=setting.now, authenticator=passkey.id)
        return Proven(material=material, factors=(setting.sign_in, signed))


async def prove_by_passkey(
    credential: Mapping[str, Any], *, setting: Setting, tools: ProvingTools, payment: bool
) -> Asserted:
    """An answer of one of this person's passkeys to exactly this intent; its count is kept."""
    passkey = await setting.uow.passkeys.find(str(credential.get("id", "")))
    if passkey is None or passkey.user_id != setting.account.id:
        raise PasskeyRefused("it is not one of your passkeys")
    if payment and not passkey.payment:
        raise PasskeyRefused("it was not registered for payments")
    result = tools.passkeys.verify_assertion(
        passkey,
        credential,
        challenge=intent_digest(setting.confirmation.intent_bytes),
        payment=payment,
    )
    if not result.user_verified:
        raise PasskeyRefused("the person was not verified")
    counted = await setting.uow.passkeys.use(
        passkey.id, result.sign_count, backed_up=result.backed_up, at=setting.now
    )
    if not counted:
        raise PasskeyRefused("its count did not go up; it may be a copy")
    return Asserted(passkey, result)

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from gateway.domain.confirming.errors import DeviceKeyRefused
from gateway.domain.confirming.proof import Factor, ProofKind, Proven
from gateway.domain.machines.client import KeyState
from gateway.domain.people.account import DeviceKey
from gateway.use_cases.confirming.proving import ProvingTools, Setting
from gateway.use_cases.people.spend_code import spend_code


@dataclass(frozen=True, slots=True)
class DeviceKeyProof:
    """`jws` is detached and signs the intent bytes; the one-time code is a factor of its own."""

    jws: str
    code: str
    kind: ClassVar[ProofKind] = ProofKind.DEVICE_KEY

    def stated(self) -> Mapping[str, Any]:
        return asdict(self)

    def claim(self) -> None:
        return None

    async def check(self, setting: Setting, tools: ProvingTools) -> Proven | None:
        device = await self._find_device(setting, tools)
        tools.proofs.check_detached(self.jws, setting.confirmation.intent_bytes, device.public_jwk)
        # Last, so that a wrong signature does not use up the code.
        step = await spend_code(
            setting.account, self.code, uow=setting.uow, codes=tools.codes, now=setting.now
        )
        if step is None:
            return None
        return Proven(
            material={"device_jwk": dict(device.public_jwk), "jws": self.jws, "totp_step": step},
            factors=(
                setting.sign_in,
                Factor(name="totp", at=setting.now, authenticator=str(setting.account.id)),
                Factor(name="device-key", at=setting.now, authenticator=device.id),
            ),
            device_key_id=device.id,
        )

    async def _find_device(self, setting: Setting, tools: ProvingTools) -> DeviceKey:
        device = await setting.uow.device_keys.find(tools.proofs.key_id(self.jws))
        if device is None or device.user_id != setting.account.id:
            raise DeviceKeyRefused
        if device.state is not KeyState.ACTIVE:
            raise DeviceKeyRefused
        return device

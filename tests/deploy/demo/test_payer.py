"""The payer's own cryptography, held against the gateway's side of it."""

from datetime import UTC, datetime

import pyotp
import pytest

from chassis.testing import FrozenClock
from deploy.demo.payer import Authenticator, DeviceKey
from gateway.authentication.confirming.device_proofs import DETACHED_TYPE, JwsDeviceProofs
from gateway.domain.confirming.errors import ProofRefused

PROOFS = JwsDeviceProofs()
SECRET = pyotp.random_base32()


def test_the_gateway_knows_the_device_by_the_same_name() -> None:
    device = DeviceKey()

    assert PROOFS.device_key(device.jwk) == (device.key_id, device.jwk)


def test_a_detached_signature_holds_for_its_bytes_and_no_others() -> None:
    device = DeviceKey()
    header = {"typ": DETACHED_TYPE, "kid": device.key_id}
    jws = device.sign_detached(b'{"amount":"330000"}', header=header)

    PROOFS.check_detached(jws, b'{"amount":"330000"}', device.jwk)
    with pytest.raises(ProofRefused):
        PROOFS.check_detached(jws, b'{"amount":"330001"}', device.jwk)


def test_a_compact_signature_carries_its_payload() -> None:
    device = DeviceKey()

    assert PROOFS.open_compact(device.sign_compact(b"text", header={}), device.jwk) == b"text"


async def test_codes_are_never_used_twice_and_are_all_within_a_step_of_now() -> None:
    clock = FrozenClock(datetime(2026, 11, 23, 2, 0, 15, tzinfo=UTC))
    totp = pyotp.TOTP(SECRET)
    authenticator = Authenticator(totp.provisioning_uri(name="payer"), clock=clock)

    codes = [await authenticator.code() for _ in range(3)]

    step = int(clock.now().timestamp()) // 30
    assert codes == [totp.generate_otp(one) for one in (step - 1, step, step + 1)]


async def test_a_fourth_code_waits_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FrozenClock(datetime(2026, 11, 23, 2, 0, 12, tzinfo=UTC))
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("deploy.demo.payer.asyncio.sleep", sleep)
    uri = pyotp.TOTP(SECRET, interval=30).provisioning_uri(name="payer")
    authenticator = Authenticator(uri, clock=clock)
    for _ in range(4):
        await authenticator.code()

    assert waited == [0, 0, 0, 18]

"""Time-based one-time codes (RFC 6238); single use is kept by the account's last step."""

from base64 import b32encode, urlsafe_b64decode
from datetime import datetime
from hmac import compare_digest

import pyotp

from chassis.ids import Ids
from chassis.ports import SealingPort
from gateway.domain.people.account import STEPS_TOLERATED
from gateway.ports.people import NewCodeSecret

ISSUER = "Lephi"
PURPOSE = "totp"
SECRET_BYTES = 20


class TotpCodes:
    def __init__(self, sealer: SealingPort, *, ids: Ids, period_seconds: int = 30) -> None:
        self._sealer = sealer
        self._ids = ids
        self._period_seconds = period_seconds

    def new_secret(self, username: str) -> NewCodeSecret:
        raw = urlsafe_b64decode(self._ids.token(SECRET_BYTES) + "=")[:SECRET_BYTES]
        secret = b32encode(raw).decode()
        generator = pyotp.TOTP(secret, interval=self._period_seconds)
        return NewCodeSecret(
            sealed=self._sealer.seal({"secret": secret}, purpose=PURPOSE),
            provisioning_uri=generator.provisioning_uri(name=username, issuer_name=ISSUER),
        )

    def matching_step(self, sealed: str, code: str, *, now: datetime) -> int | None:
        generator = self._open(sealed)
        current = int(now.timestamp()) // self._period_seconds
        fitting = [
            step
            for step in range(current - STEPS_TOLERATED, current + STEPS_TOLERATED + 1)
            if _equal(generator.generate_otp(step), code)
        ]
        return fitting[-1] if fitting else None

    def is_code_of(self, sealed: str, code: str, step: int) -> bool:
        return _equal(self._open(sealed).generate_otp(step), code)

    def _open(self, sealed: str) -> pyotp.TOTP:
        secret = self._sealer.unseal(sealed, purpose=PURPOSE)["secret"]
        return pyotp.TOTP(str(secret), interval=self._period_seconds)


def _equal(right: str, given: str) -> bool:
    return compare_digest(right.encode(), given.encode())

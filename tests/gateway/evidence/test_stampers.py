"""Who may stamp time: a certificate for that alone, valid then; asked here and by an outsider."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.sandbox_authority.keys import Authority
from deploy.sandbox_authority.time_stamps import TimeStamper
from deploy.verifier.anchors import Anchors
from deploy.verifier.time_stamp import read_time_stamp
from deploy.verifier.verdict import Broken
from gateway.authentication.evidence.stamp_tokens import TrustedStamps
from gateway.domain.evidence.errors import TimeStampUnavailable
from tests.gateway.evidence.rig import NONCE, token_of
from tests.gateway.evidence.test_time_stamps import CONTENT, IMPRINT
from tests.gateway.proofs.pki import name_of

CLOCK = FrozenClock()
DAY = timedelta(days=1)
TIME = ExtendedKeyUsageOID.TIME_STAMPING


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    ensure_development_keys(folder, clock=CLOCK)
    return folder


def stamper(
    var_dir: Path,
    *purposes: x509.ObjectIdentifier,
    critical: bool = True,
    since: timedelta = -DAY,
    until: timedelta = DAY,
) -> TimeStamper:
    authority = Authority.of(var_dir / "keys", "tsa-ca")
    given, now = TimeStamper.from_directory(var_dir / "keys"), CLOCK.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name_of("A stamper"))
        .issuer_name(authority.certificate.subject)
        .public_key(given.key.public_key())
        .serial_number(1)
        .not_valid_before(now + since)
        .not_valid_after(now + until)
        .add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=critical)
        .sign(authority.key, hashes.SHA256())
    )
    return replace(given, certificate=certificate)


def judge(var_dir: Path, token: bytes) -> tuple[str, str]:
    """Why we refuse it, and why an outsider does."""
    trusted = TrustedStamps.from_directory(var_dir / "keys" / "trust" / "tsa-ca", clock=CLOCK)
    anchors = Anchors.of(var_dir / "trust" / "anchors.json")
    with pytest.raises(TimeStampUnavailable) as ours:
        trusted.check(token, imprint=IMPRINT, nonce=NONCE)
    with pytest.raises(Broken) as theirs:
        read_time_stamp(token, CONTENT, anchors)
    return str(ours.value), str(theirs.value)


def test_a_certificate_for_time_stamps_alone_is_taken(var_dir: Path) -> None:
    token = token_of(stamper(var_dir, TIME), CONTENT, clock=CLOCK)
    trusted = TrustedStamps.from_directory(var_dir / "keys" / "trust" / "tsa-ca", clock=CLOCK)

    assert trusted.check(token, imprint=IMPRINT, nonce=NONCE) == CLOCK.now()


@pytest.mark.parametrize(
    ("purposes", "critical"),
    [
        ((ExtendedKeyUsageOID.CODE_SIGNING,), True),
        ((TIME, ExtendedKeyUsageOID.CODE_SIGNING), True),
        ((TIME,), False),
    ],
)
def test_a_certificate_for_anything_else_stamps_nothing(
    var_dir: Path, purposes: tuple[x509.ObjectIdentifier, ...], critical: bool
) -> None:
    made = stamper(var_dir, *purposes, critical=critical)

    for said in judge(var_dir, token_of(made, CONTENT, clock=CLOCK)):
        assert "not for time stamps" in said


@pytest.mark.parametrize(
    ("since", "until"), [(-2 * DAY, -DAY), (DAY, 2 * DAY)], ids=["run out", "not begun"]
)
def test_a_certificate_that_is_not_valid_then_stamps_nothing(
    var_dir: Path, since: timedelta, until: timedelta
) -> None:
    made = stamper(var_dir, TIME, since=since, until=until)

    ours, theirs = judge(var_dir, token_of(made, CONTENT, clock=CLOCK))

    assert ours == "it had run out"
    assert "not valid at that time" in theirs


def test_an_authority_that_makes_no_authorities_vouches_for_nobody(var_dir: Path) -> None:
    """A stamper's certificate in the place of a root is none."""
    made = stamper(var_dir, TIME)
    other = replace(made, certificate=TimeStamper.from_directory(var_dir / "keys").certificate)
    trusted = TrustedStamps([other.certificate], clock=CLOCK)

    with pytest.raises(TimeStampUnavailable, match="nobody we trust"):
        trusted.check(token_of(made, CONTENT, clock=CLOCK), imprint=IMPRINT, nonce=NONCE)

"""Rotation, expiry and bad files, with the clock in hand."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from chassis.testing import FrozenClock
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.providers.signers.certificates import require_fits
from services.receipt.providers.signers.configured_signers import (
    LOOKED_AFTER,
    ConfiguredSigners,
)
from tests.receipt.samples import NOON
from tests.receipt.signers.pki import HOLDER, Authority, p256, rsa, write_pair
from tests.receipt.signers.test_signers_file import entry, write

AGENCY = "H19.25"


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as opened:
        yield opened


def signers(folder: Path, client: httpx.AsyncClient, clock: FrozenClock) -> ConfiguredSigners:
    return ConfiguredSigners(folder, client=client, clock=clock)


async def test_three_rotations_each_at_its_instant(
    tmp_path: Path, client: httpx.AsyncClient, clock: FrozenClock, authority: Authority
) -> None:
    certificates = []
    for number in range(4):
        key = p256() if number % 2 else rsa()
        certificates.append(authority.certify(key, days=4000))
        write_pair(tmp_path, str(number), key, certificates[-1])
    begins = [NOON + timedelta(days=365 * number) for number in range(4)]
    write(tmp_path, *(entry(str(n), **{"from": at.isoformat()}) for n, at in enumerate(begins)))
    used = signers(tmp_path, client, clock)

    for certificate in certificates:
        signer = await used.of(AGENCY)
        require_fits(certificate, b"receipt", await signer.sign(b"receipt"))
        clock.advance(timedelta(days=365))


@pytest.mark.parametrize("days", [-400, 10])
async def test_a_certificate_that_is_not_valid_now_signs_nothing(
    tmp_path: Path,
    client: httpx.AsyncClient,
    clock: FrozenClock,
    authority: Authority,
    days: int,
) -> None:
    key = p256()
    write_pair(tmp_path, "signer", key, authority.certify(key, since=NOON + timedelta(days=days)))

    with pytest.raises(SignerUnavailable, match="not valid now"):
        await signers(tmp_path, client, clock).of(AGENCY)


async def test_a_changed_file_is_taken_up_while_running_and_a_bad_one_is_not(
    tmp_path: Path, client: httpx.AsyncClient, clock: FrozenClock, authority: Authority
) -> None:
    first, second = p256(), p256()
    write_pair(tmp_path, "first", first, authority.certify(first))
    write_pair(tmp_path, "second", second, authority.certify(second))
    write(tmp_path, entry("first"))
    used = signers(tmp_path, client, clock)
    before = (await used.of(AGENCY)).identity

    write(tmp_path, entry("second"))
    clock.advance(LOOKED_AFTER)
    after = (await used.of(AGENCY)).identity
    (tmp_path / "signers.json").write_text("{")
    clock.advance(LOOKED_AFTER)
    still = (await used.of(AGENCY)).identity

    assert before != after
    assert still == after


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "names a key that is not there"])
async def test_who_signs_goes_on_signing_when_the_file_leads_nowhere(
    tmp_path: Path,
    client: httpx.AsyncClient,
    clock: FrozenClock,
    authority: Authority,
    gone: bool,
) -> None:
    # The default pair must not come into force by the loss of a file either.
    for stem in ("first", "signer"):
        key = p256()
        write_pair(tmp_path, stem, key, authority.certify(key))
    write(tmp_path, entry("first"))
    used = signers(tmp_path, client, clock)
    before = (await used.of(AGENCY)).identity

    if gone:
        (tmp_path / "signers.json").unlink()
    else:
        write(tmp_path, entry("lost"))
    clock.advance(LOOKED_AFTER)

    assert (await used.of(AGENCY)).identity == before


async def test_an_agency_nobody_signs_for_is_told_so(
    tmp_path: Path, client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    write(tmp_path, entry("own", agencies=["H19.31"]))

    with pytest.raises(SignerUnavailable, match="nobody is configured"):
        await signers(tmp_path, client, clock).of(AGENCY)


async def test_a_file_with_a_password_signs_with_its_chain(
    tmp_path: Path, client: httpx.AsyncClient, clock: FrozenClock, authority: Authority
) -> None:
    key = rsa()
    certificate = authority.certify(key)
    sealed = serialize_key_and_certificates(
        b"bien-lai", key, certificate, [authority.certificate], BestAvailableEncryption(b"mat khau")
    )
    for name, content in (("x.p12", sealed), ("x.password", b"mat khau\n")):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_bytes(content)
    told = {"name": "x", "kind": "pkcs12", "file": "x.p12", "password_file": "x.password"}
    write(tmp_path, told)

    signer = await signers(tmp_path, client, clock).of(AGENCY)

    assert signer.identity.holder == HOLDER
    # The authority is its own issuer: a verifier knows it by itself.
    assert signer.identity.chain == ()
    require_fits(certificate, b"receipt", await signer.sign(b"receipt"))


async def test_a_signer_that_cannot_be_opened_is_named_without_what_its_files_hold(
    tmp_path: Path, client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    (tmp_path / "signer.key.pem").write_text("geheim")
    (tmp_path / "signer.pem").write_text("geheim")

    with pytest.raises(SignerUnavailable) as refused:
        await signers(tmp_path, client, clock).of(AGENCY)

    assert "geheim" not in str(refused.value)


async def test_a_key_that_others_can_read_is_warned_about(
    tmp_path: Path,
    client: httpx.AsyncClient,
    clock: FrozenClock,
    authority: Authority,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = p256()
    write_pair(tmp_path, "signer", key, authority.certify(key))
    (tmp_path / "signer.key.pem").chmod(0o644)

    await signers(tmp_path, client, clock).of(AGENCY)

    assert "can be read by others" in capsys.readouterr().out


async def test_every_signer_says_how_many_days_its_certificate_has_left(
    tmp_path: Path, client: httpx.AsyncClient, clock: FrozenClock, authority: Authority
) -> None:
    key = p256()
    write_pair(tmp_path, "a", key, authority.certify(key, since=NOON, days=30))
    write(tmp_path, entry("a"), entry("lost"))

    here, lost = await signers(tmp_path, client, clock).standing()

    assert (here.days_left(NOON), here.days_left(NOON + timedelta(days=31))) == (30, -1)
    assert lost.days_left(NOON) is None
    assert lost.why_not is not None

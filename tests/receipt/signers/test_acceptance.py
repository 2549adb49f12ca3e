"""Every kind of signer below two authorities: xmlsec1, pdfsig and pyHanko, trusting the root."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from chassis.testing import FrozenClock
from deploy.sandbox_signer.main import CLIENT, CREDENTIAL, Desk, create_app
from services.receipt.ports.signing import Signer
from services.receipt.providers.signers.configured_signers import ConfiguredSigners
from tests.payment.providers.over_http import listening, served
from tests.receipt.samples import NOON
from tests.receipt.signers.pki import Authority, Key, p256, pem, rsa, three_levels, write_pair
from tests.receipt.signers.second_opinions import made_by, opinions
from tests.receipt.signers.test_pkcs11_signer import Token, token
from tests.receipt.signers.test_signers_file import entry, remote, write

__all__ = ["token"]
ALL = {"xmlsec1": True, "pdfsig": True, "pyhanko": True}
KINDS = pytest.mark.parametrize("make", [p256, rsa], ids=["p256", "rsa"])
Make = Callable[[], Key]


@pytest.fixture
def authority() -> Authority:
    return three_levels()


@asynccontextmanager
async def configured(folder: Path) -> AsyncIterator[Signer]:
    async with httpx.AsyncClient() as client:
        signers = ConfiguredSigners(folder, client=client, clock=FrozenClock(NOON))
        yield await signers.of("H19.25")
        await signers.close()


async def accepted(folder: Path, root: x509.Certificate) -> dict[str, bool]:
    async with configured(folder) as signer:
        xml, pdf = await made_by(signer)
    return await opinions(xml, pdf, root, folder)


def write_chain(folder: Path, authority: Authority) -> None:
    (folder / "chain.pem").write_bytes(b"".join(map(pem, authority.chain)))


@KINDS
async def test_a_key_in_a_file(tmp_path: Path, authority: Authority, make: Make) -> None:
    key = make()
    write_pair(tmp_path, "a", key, authority.certify(key))
    write_chain(tmp_path, authority)
    write(tmp_path, entry("a", chain="chain.pem"))

    assert await accepted(tmp_path, authority.root) == ALL


@KINDS
async def test_a_file_with_a_password(tmp_path: Path, authority: Authority, make: Make) -> None:
    key = make()
    certificates = [*reversed(authority.chain), authority.root]
    sealed = serialize_key_and_certificates(
        b"a", key, authority.certify(key), certificates, BestAvailableEncryption(b"mat khau")
    )
    (tmp_path / "a.p12").write_bytes(sealed)
    (tmp_path / "a.password").write_text("mat khau")
    said = {"name": "a", "kind": "pkcs12", "file": "a.p12", "password_file": "a.password"}
    write(tmp_path, said)

    assert await accepted(tmp_path, authority.root) == ALL


@pytest.mark.parametrize("kind", ["p256", "rsa"])
async def test_a_key_in_a_token(
    token: Token, authority: Authority, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token.authority = authority
    token.make(kind, certificate_inside=True)
    write_chain(token.folder, authority)
    token.configure({"chain": "chain.pem"})
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.folder / "softhsm2.conf"))

    assert await accepted(token.folder, authority.root) == ALL


@KINDS
async def test_a_key_at_an_authority(tmp_path: Path, authority: Authority, make: Make) -> None:
    key = make()
    told = [authority.certify(key), *authority.chain, authority.root]
    (tmp_path / "secret").write_text("geheim")
    async with served(create_app(Desk(key, told, "geheim")), listening()) as url:
        said = remote(url=url, credential_id=CREDENTIAL, client_id=CLIENT, secret_file="secret")
        write(tmp_path, said)

        assert await accepted(tmp_path, authority.root) == ALL

"""How each kind of signer is opened, and what they share: tokens, and connections."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx
import structlog
from cryptography import x509

from chassis.clock import Clock
from services.receipt.ports.signing import Signer
from services.receipt.providers.signers.file_signer import FileSigner
from services.receipt.providers.signers.pkcs11_signer import Pkcs11Signer, TokenKey
from services.receipt.providers.signers.remote_signer import (
    SECONDS_MAX,
    Credential,
    RemoteSigner,
)
from services.receipt.providers.signers.signers_file import (
    Entry,
    PemEntry,
    Pkcs11Entry,
    Pkcs12Entry,
    RemoteEntry,
)
from services.receipt.providers.signers.token_process import Tokens

CONNECTIONS_MAX: Final = 20
log = structlog.get_logger()


class Opening:
    """Raises SignerUnavailable, and whatever a file that is not there or not right raises."""

    def __init__(self, folder: Path, *, client: httpx.AsyncClient, clock: Clock) -> None:
        self._folder = folder
        self._client = client
        self._clock = clock
        self._tokens = Tokens()
        self._own_clients: dict[tuple[object, ...], httpx.AsyncClient] = {}

    async def open(self, entry: Entry) -> Signer:
        if isinstance(entry, PemEntry):
            return self._pem(entry)
        if isinstance(entry, Pkcs12Entry):
            return self._pkcs12(entry)
        if isinstance(entry, Pkcs11Entry):
            return await self._token(entry)
        return await self._remote(entry)

    async def close(self) -> None:
        await self._tokens.close()
        for client in self._own_clients.values():
            await client.aclose()
        self._own_clients.clear()

    def _pem(self, entry: PemEntry) -> Signer:
        chain = self._folder / entry.chain if entry.chain else None
        _warn_if_open_to_others(self._folder / entry.key)
        return FileSigner.from_pem(
            self._folder / entry.key, self._folder / entry.certificate, chain
        )

    def _pkcs12(self, entry: Pkcs12Entry) -> Signer:
        password = self._secret(entry.password_file)
        _warn_if_open_to_others(self._folder / entry.file)
        return FileSigner.from_pkcs12(
            self._folder / entry.file, password.encode(), self._certificates(entry.chain)
        )

    async def _token(self, entry: Pkcs11Entry) -> Signer:
        certificates = self._certificates(entry.certificate)
        key = TokenKey(
            label=entry.key_label,
            pin=self._secret(entry.pin_file),
            certificate=certificates[0] if certificates else None,
            chain=self._certificates(entry.chain),
        )
        token = self._tokens.of(self._folder / entry.module, entry.token)
        return await Pkcs11Signer.open(token, key)

    async def _remote(self, entry: RemoteEntry) -> Signer:
        credential = Credential(
            url=entry.url,
            credential_id=entry.credential_id,
            client_id=entry.client_id,
            client_secret=self._secret(entry.secret_file),
            chain=self._certificates(entry.chain),
        )
        return await RemoteSigner.open(credential, client=self._client_of(entry), clock=self._clock)

    def _client_of(self, entry: RemoteEntry) -> httpx.AsyncClient:
        """One of its own where it is known by more than the public authorities; files that were
        changed since make another."""
        named = (entry.ca_file, entry.client_certificate, entry.client_key)
        if not any(named):
            return self._client
        paths = [self._folder / name if name else None for name in named]
        seen = (*named, *(path.stat().st_mtime_ns if path else None for path in paths))
        if seen not in self._own_clients:
            context = ssl.create_default_context(cafile=paths[0])
            if paths[1] is not None and paths[2] is not None:
                _warn_if_open_to_others(paths[2])
                # A key behind a password is refused; a terminal would be asked for it otherwise.
                context.load_cert_chain(paths[1], paths[2], password=str)
            self._own_clients[seen] = httpx.AsyncClient(
                verify=context,
                timeout=SECONDS_MAX,
                trust_env=False,
                limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            )
        return self._own_clients[seen]

    def _certificates(self, name: str | None) -> Sequence[x509.Certificate]:
        return x509.load_pem_x509_certificates((self._folder / name).read_bytes()) if name else ()

    def _secret(self, name: str) -> str:
        path = self._folder / name
        _warn_if_open_to_others(path)
        return path.read_text("utf-8").strip()


def _warn_if_open_to_others(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        log.warning("a secret can be read by others on this machine", file=path.name)

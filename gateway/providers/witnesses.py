"""Witnesses of the audit log: a program elsewhere that signs, or a folder that is carried away."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
from jwt import PyJWTError
from jwt.api_jws import PyJWS

from chassis.canonical import canonical_json, load_json
from chassis.errors import Malformed
from chassis.keys import PublicKey, key_of_jwk, thumbprint
from gateway.domain.audit.checkpoint import SignedCheckpoint
from gateway.ports.audit import Witness, WitnessAhead, WitnessRefuses, WitnessUnavailable

WITNESSES_MAX: Final = 20
ANSWER_BYTES_MAX: Final = 8_192
TIMEOUT_SECONDS: Final = 5.0
TYPE: Final = "lephi-cosignature+jws"
Closing = Callable[[], Awaitable[None]]


class HttpWitness:
    """Speaks with `lephi witness`, or with whoever answers in the same way."""

    def __init__(
        self, name: str, url: str, jwk: Mapping[str, Any], http: httpx.AsyncClient
    ) -> None:
        self.name = name
        self._url = url
        self._key: PublicKey = key_of_jwk(dict(jwk))
        self._http = http

    async def show(
        self, signed: SignedCheckpoint, *, since: int, proof: Sequence[bytes]
    ) -> str | None:
        shown = {"checkpoint": signed.jws, "since": since, "proof": [one.hex() for one in proof]}
        status, said = await self._post(shown)
        if status == 409 and isinstance(said.get("size"), int):
            raise WitnessAhead(said["size"])
        if status == 422:
            raise WitnessRefuses(str(said.get("reason", ""))[:200])
        jws = said.get("cosignature")
        if status != 200 or not isinstance(jws, str):
            raise WitnessUnavailable(f"answered {status}")
        self._require_fitting(jws, signed)
        return jws

    async def _post(self, shown: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            async with self._http.stream("POST", self._url, json=shown) as answer:
                raw = b""
                async for chunk in answer.aiter_bytes():
                    raw += chunk
                    if len(raw) > ANSWER_BYTES_MAX:
                        raise WitnessUnavailable("said too much")
            said = load_json(raw)
        except (httpx.HTTPError, httpx.InvalidURL, Malformed) as error:
            raise WitnessUnavailable(type(error).__name__) from error
        return answer.status_code, said if isinstance(said, dict) else {}

    def _require_fitting(self, jws: str, signed: SignedCheckpoint) -> None:
        """A signature over something else is worth less than none."""
        try:
            opened = PyJWS().decode_complete(jws, self._key, algorithms=["ES256", "EdDSA"])
            said = load_json(opened["payload"])
        except (PyJWTError, Malformed, ValueError) as error:
            raise WitnessUnavailable("its signature does not hold") from error
        header = opened["header"]
        named = header.get("typ") == TYPE and header.get("kid") == thumbprint(self._key)
        seen = said.get("checkpoint") if isinstance(said, dict) else None
        if not named or seen != signed.checkpoint.as_object() or said.get("witness") != self.name:
            raise WitnessUnavailable("its signature is over something else")


class FileWitness:
    """Appends each checkpoint to the day's file, which somebody carries away; signs nothing."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self._directory = directory

    async def show(
        self, signed: SignedCheckpoint, *, since: int, proof: Sequence[bytes]
    ) -> str | None:
        said = {
            "checkpoint": signed.jws,
            "since": since,
            "proof": [one.hex() for one in proof],
        }
        file = self._directory / f"checkpoints-{signed.checkpoint.at:%Y-%m-%d}.jsonl"
        try:
            await asyncio.to_thread(_append, file, canonical_json(said) + b"\n")
        except OSError as error:
            raise WitnessUnavailable(type(error).__name__) from error
        return None


def read_witnesses(file: Path | None) -> tuple[Sequence[Witness], Sequence[Closing]]:
    """`[{"name", "url", "jwk"} | {"name", "directory"}]`; and what to close at the end."""
    if file is None:
        return (), ()
    listed = json.loads(file.read_text("utf-8"))
    names = [one["name"] for one in listed]
    if len(set(names)) != len(names) or len(names) > WITNESSES_MAX:
        raise ValueError(f"witnesses have different names and are at most {WITNESSES_MAX}")
    http = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
    return [_witness(one, http) for one in listed], [http.aclose]


def _witness(said: Mapping[str, Any], http: httpx.AsyncClient) -> Witness:
    if "directory" in said:
        return FileWitness(said["name"], Path(said["directory"]))
    return HttpWitness(said["name"], said["url"], said["jwk"], http)


def _append(file: Path, line: bytes) -> None:
    """On the disk before it counts as shown."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as opened:
        opened.write(line)
        opened.flush()
        os.fsync(opened.fileno())

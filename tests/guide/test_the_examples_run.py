"""The clients in docs/examples, run as a newcomer runs them, at a platform of real processes."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from deploy.demo.opening_steps import AGENCY_CODE, APPLICANT, PROCEDURE_CODE
from deploy.demo.platform import embedded_platform

pytestmark = pytest.mark.e2e

EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "examples"
PORTAL: Final = "portal-demo"
BANK: Final = "bank-sandbox"
QUESTION: Final = {
    "procedure_code": PROCEDURE_CODE,
    "agency_code": AGENCY_CODE,
    "channel": "online",
    "payer_type": "person",
}
NOTICE: Final = {
    "notice_id": "0199a000-0000-7000-8000-00000000aaaa",
    "provider_reference": "FT26327000001",
    "bill_number": "LP0000000001",
    "purpose": "LP0000000001 nop le phi",
    "bank_bin": "970436",
    "account_number": "0123456789",
    "amount": 300000,
    "currency": "VND",
    "outcome": "succeeded",
    "paid_at": "2026-11-23T09:00:00.000+07:00",
}
SIGNED: Final = {
    *("content-type", "content-digest", "idempotency-key", "lephi-client"),
    *("signature-input", "signature"),
}
SECONDS_MAX: Final = 30
LINES_MAX: Final = 85


@dataclass(frozen=True)
class Platform:
    origin: str
    keys: Path
    folder: Path

    def key(self, client_id: str) -> Path:
        return self.keys / "clients" / f"{client_id}.key.pem"

    def wrong_key(self) -> Path:
        path = self.folder / "wrong.key.pem"
        made = Ed25519PrivateKey.generate()
        path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return path

    def file(self, name: str, value: Any) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
        return path

    def dossier(self) -> Path:
        return self.file("dossier.json", {**QUESTION, "applicant": APPLICANT})

    def run(
        self, example: str, *arguments: object, origin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """With nothing of ours in the environment: an engineer's machine has none of it."""
        program = EXAMPLES / example
        starter = [sys.executable] if program.suffix == ".py" else ["bash"]
        return subprocess.run(
            [*starter, str(program), origin or self.origin, *map(str, arguments)],
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("newcomer")
    with embedded_platform(folder / "var", folder / "out") as place:
        _wait_for_catalogue(place.gateway_url)
        yield Platform(place.gateway_url, folder / "var" / "keys", folder)


def _wait_for_catalogue(origin: str) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while httpx.get(f"{origin}/v1/fee-quotes", params=QUESTION).status_code != httpx.codes.OK:
        assert time.monotonic() < deadline, "the published fee was not heard"
        time.sleep(0.2)


@pytest.mark.parametrize("example", ["python/sign_and_submit.py", "curl/submit.sh"])
def test_a_dossier_is_submitted_once_however_often_it_is_sent(
    platform: Platform, example: str
) -> None:
    arguments = (PORTAL, platform.key(PORTAL), platform.dossier(), f"order-{example}")

    first = platform.run(example, *arguments)
    again = platform.run(example, *arguments)

    assert first.returncode == 0, first.stdout + first.stderr
    assert json.loads(first.stdout)["fee"]["total"]["currency"] == "VND"
    assert json.loads(again.stdout) == json.loads(first.stdout)


@pytest.mark.parametrize("example", ["python/sign_and_submit.py", "curl/submit.sh"])
def test_a_key_that_is_not_registered_is_refused_and_the_problem_printed(
    platform: Platform, example: str
) -> None:
    refused = platform.run(
        example, PORTAL, platform.wrong_key(), platform.dossier(), "order-with-wrong-key"
    )

    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert json.loads(refused.stdout)["code"] == "bad_signature"


@pytest.mark.parametrize("example", ["python/sign_and_submit.py", "curl/submit.sh"])
def test_an_answer_that_somebody_on_the_way_changed_is_no_answer(
    platform: Platform, example: str
) -> None:
    """A refusal that the gateway signed, about these very bytes, turned into a promise."""
    with forger(platform.origin) as origin:
        heard = platform.run(
            example, PORTAL, platform.key(PORTAL), platform.dossier(), "order-0001", origin=origin
        )

    assert heard.returncode == 2, heard.stdout + heard.stderr
    assert heard.stdout == ""
    assert "No word of the gateway" in heard.stderr


@contextmanager
def forger(gateway: str) -> Iterator[str]:
    """Hands everything on, and makes a 201 of every answer to a POST."""

    class Forging(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.say(200, httpx.get(gateway + self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            given = {name: value for name, value in self.headers.items() if name.lower() in SIGNED}
            answer = httpx.post(gateway + self.path, headers=given, content=body)
            assert '"signature";req' in answer.headers["signature-input"]
            self.say(201, answer)

        def say(self, status: int, said: httpx.Response) -> None:
            self.send_response(status)
            for name in SIGNED & said.headers.keys():
                self.send_header(name, said.headers[name])
            self.send_header("content-length", str(len(said.content)))
            self.end_headers()
            self.wfile.write(said.content)

        def log_message(self, *_said: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Forging) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_curl_reads_what_the_key_is_registered_for(platform: Platform) -> None:
    read = platform.run("curl/read.sh", PORTAL, platform.key(PORTAL), "/v1/dossiers?limit=5")
    refused = platform.run("curl/read.sh", PORTAL, platform.wrong_key(), "/v1/dossiers?limit=5")

    assert read.returncode == 0, read.stdout + read.stderr
    assert "items" in json.loads(read.stdout)
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["code"] == "bad_signature"


def test_a_token_bound_by_dpop_opens_a_look(platform: Platform) -> None:
    target = ("/v1/dossiers?limit=5", "dossier.read")
    example = "python/token_with_dpop.py"

    read = platform.run(example, PORTAL, platform.key(PORTAL), *target)
    refused = platform.run(example, PORTAL, platform.wrong_key(), *target)

    assert read.returncode == 0, read.stdout + read.stderr
    assert "items" in json.loads(read.stdout)
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"] == "invalid_client"


def test_a_bank_tells_of_money_and_is_heard(platform: Platform) -> None:
    notice = platform.file("notice.json", NOTICE)
    example = "python/bank_notice.py"

    heard = platform.run(example, BANK, platform.key(BANK), "sandbox", notice)
    refused = platform.run(example, BANK, platform.wrong_key(), "sandbox", notice)

    assert heard.returncode == 0, heard.stdout + heard.stderr
    # Nobody owes what this money is for; the notice is kept all the same.
    assert json.loads(heard.stdout)["status"] == "kept"
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["code"] == "bad_signature"


def test_the_examples_stay_short_enough_to_read() -> None:
    sizes = {
        path.name: len(path.read_text("utf-8").splitlines())
        for path in EXAMPLES.rglob("*")
        if path.suffix in {".py", ".sh"}
    }
    assert len(sizes) == 8
    assert max(sizes.values()) <= LINES_MAX, sizes

"""Plain forms, read by ourselves: what a browser sends, and what somebody else might."""

import os

import httpx
import pytest

from gateway.domain.checks.question import ByAmount, ByPrint
from gateway.pages.forms import read_fields, read_file

BOUNDARY = "----x"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


def form(*parts: tuple[str, bytes]) -> bytes:
    written = b"".join(
        f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + body + b"\r\n" for head, body in parts
    )
    return written + f"--{BOUNDARY}--\r\n".encode()


def field(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"; filename="a.xml"'


@pytest.mark.parametrize(
    "file",
    [b"", b"\r\n", b"\r\n\r\n--", b"--" + BOUNDARY.encode(), b"a\r\n--", os.urandom(70_000)],
    ids=["empty", "a line", "dashes", "the boundary in a line", "an end", "anything"],
)
def test_a_file_comes_out_as_it_went_in(file: bytes) -> None:
    request = httpx.Request("POST", "http://x/", files={"tep": ("Biên lai.xml", file)})

    assert read_file(request.read(), request.headers["content-type"], name="tep") == file


def test_the_field_is_found_among_others() -> None:
    raw = form(('Content-Disposition: form-data; name="a"', b"1"), (field("tep"), b"2"))

    assert read_file(raw, KIND, name="tep") == b"2"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (form((field("other"), b"1")), KIND),
        (form((field("tep"), b"1")), "multipart/form-data"),
        (form((field("tep"), b"1")), f"text/plain; boundary={BOUNDARY}"),
        (form((field("tep"), b"1"))[:-6], KIND),
        (form(*[(field("a"), b"1")] * 20, (field("tep"), b"1")), KIND),
        (form((f"X: {'x' * 3_000}\r\n{field('tep')}", b"1")), KIND),
        (b"", KIND),
    ],
    ids=["other", "no boundary", "no form", "cut off", "too many", "long head", "nothing"],
)
def test_what_is_no_form_with_this_file_has_none(raw: bytes, kind: str) -> None:
    assert read_file(raw, kind, name="tep") is None


@pytest.mark.parametrize("raw", [b"", b"a", b"\xff=1", b"a=1&" * 50, b"a=%ff"])
def test_fields_that_cannot_be_read_are_none(raw: bytes) -> None:
    assert read_fields(raw) == {}


@pytest.mark.parametrize(
    "amount", ["", "0", "-1", "1.5e3", "1" * 16, "١٢٣", "12 nghìn", "0x10", "1;2"]
)
def test_what_is_no_amount_asks_nothing(amount: str) -> None:
    assert ByAmount.read("a" * 22, amount) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("number", "0"), ("number", "9" * 9), ("number", "1a"), ("code", "short"), ("symbol", "")],
)
def test_what_no_qr_says_asks_nothing(name: str, value: str) -> None:
    said = {"form_code": "01BLP0-001", "symbol": "AA-26E", "number": "7", "code": "a" * 22}

    assert ByPrint.read(**said) is not None
    assert ByPrint.read(**(said | {name: value})) is None

"""What holds for every scheme in the table."""

import ast
import json
import string
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Malformed, Refused, Unauthenticated
from gateway.authentication import schemes
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.notice import Material, Parts
from gateway.domain.callbacks.registration import EvidenceLevel
from tests.gateway.schemes.recorded_notices import (
    AT,
    BEARER,
    JUDGED,
    RECORDED,
    SECRET,
    SHARED_SECRET,
    recorded,
)

FOLDER = Path(schemes.__file__).parent


def test_every_file_of_the_folder_is_a_line_of_the_table_and_has_a_recorded_notice() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}

    assert files == set(SCHEMES) == {scheme.name for scheme in SCHEMES.values()}
    assert {path.stem for path in RECORDED.glob("*.json")} == set(JUDGED)


def test_the_levels_are_those_of_the_kind_of_proof() -> None:
    levels = {name: scheme.level for name, scheme in SCHEMES.items()}

    assert levels.pop("rfc9421") is EvidenceLevel.P1
    assert levels.pop("jws") is EvidenceLevel.P2
    assert set(levels.values()) == {EvidenceLevel.P3}


@pytest.mark.parametrize("scheme", SHARED_SECRET)
def test_a_shared_secret_scheme_names_its_secrets_as_the_record_holds_them(scheme: str) -> None:
    assert tuple(recorded(scheme).material.secrets) in SCHEMES[scheme].secrets


@pytest.mark.parametrize("scheme", JUDGED)
def test_the_recorded_notice_is_accepted_and_no_secret_is_kept_of_it(scheme: str) -> None:
    notice = recorded(scheme)

    proof = notice.verify()

    assert proof.base
    for secret in notice.material.secrets.values():
        assert secret.encode() not in proof.base
        assert secret not in proof.signature


@pytest.mark.parametrize("scheme", JUDGED)
def test_every_single_changed_character_is_refused(scheme: str) -> None:
    notice = recorded(scheme)
    tried = 0
    for changed in one_character_off(notice.parts, with_body=scheme not in BEARER):
        with pytest.raises(Refused):
            notice.verify(changed)
        tried += 1
    assert tried > 100


@pytest.mark.parametrize("scheme", SHARED_SECRET)
def test_another_secret_is_refused(scheme: str) -> None:
    notice = recorded(scheme)
    for name in notice.material.secrets:
        others = {**notice.material.secrets, name: SECRET[:-1] + "1"}
        with pytest.raises(Unauthenticated):
            notice.verify(material=Material(secrets=others))


@pytest.mark.parametrize("scheme", sorted(set(SHARED_SECRET) - {"vnpay"}))
def test_a_body_that_is_no_strict_json_object_is_refused(scheme: str) -> None:
    notice = recorded(scheme)
    repeated = notice.parts.body.replace(b"{", b'{"again":1,"again":2,', 1)
    for body in (b"", b"[]", b"no json", b"\xff{}", b"{" * 99, repeated, b'{"a":"\\ud800"}'):
        with pytest.raises(Refused):
            notice.verify(replace(notice.parts, body=body))


@pytest.mark.parametrize(
    "scheme", ["vnptpay", "national", "momo", "zalopay", "payos", "casso", "vietqr"]
)
def test_a_body_beyond_the_limit_is_refused_before_it_is_read(scheme: str) -> None:
    notice = recorded(scheme)

    with pytest.raises(Malformed, match="longer"):
        notice.verify(replace(notice.parts, body=b"{" + b" " * 65536))


@pytest.mark.parametrize("scheme", ["vnptpay", "national", "momo", "zalopay", "payos"])
def test_every_missing_member_is_refused(scheme: str) -> None:
    notice = recorded(scheme)
    for name in json.loads(notice.parts.body):
        with pytest.raises(Refused):
            notice.verify(notice.with_body(**{name: None}))


@pytest.mark.parametrize("scheme", ["sepay", "casso", "vietqr", "jws"])
def test_a_header_that_is_missing_or_comes_twice_is_refused(scheme: str) -> None:
    notice = recorded(scheme)
    for header in notice.parts.headers:
        others = tuple(one for one in notice.parts.headers if one != header)
        for headers in (others, (*notice.parts.headers, header)):
            with pytest.raises(Unauthenticated):
                notice.verify(replace(notice.parts, headers=headers))


def test_nothing_but_the_constant_time_comparison_compares_signatures() -> None:
    """No scheme that holds a secret compares with `==`; the one way is `require_equal`."""
    for scheme in SHARED_SECRET:
        source = (FOLDER / f"{scheme}.py").read_text("utf-8")
        compared = [
            node
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Compare)
            and any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
            and not isinstance(node.left, ast.Call)
        ]
        assert compared == [], scheme
        assert "require_equal(" in source, scheme
    reading = FOLDER.parent / "callbacks" / "reading.py"
    assert "hmac.compare_digest(" in reading.read_text("utf-8")


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=400), query=st.text(max_size=200), value=st.text(max_size=200))
def test_whatever_comes_is_a_refusal_and_never_a_crash(body: bytes, query: str, value: str) -> None:
    for scheme in JUDGED:
        notice = recorded(scheme)
        headers = tuple((name, value) for name, _old in notice.parts.headers)
        for parts in (
            Parts(query=query, headers=headers, body=body, received_at=AT),
            replace(notice.parts, body=notice.parts.body[:40] + body),
            replace(notice.parts, headers=headers),
        ):
            try:
                notice.verify(parts)
            except Refused:
                continue
            assert parts.headers == notice.parts.headers
            assert parts.body == notice.parts.body or scheme in BEARER


def one_character_off(parts: Parts, *, with_body: bool) -> Iterator[Parts]:
    for changed in off_by_one(parts.query):
        yield replace(parts, query=changed)
    for number, (name, value) in enumerate(parts.headers):
        before, after = parts.headers[:number], parts.headers[number + 1 :]
        for changed in off_by_one(value):
            yield replace(parts, headers=(*before, (name, changed), *after))
    for changed in off_by_one(parts.body.decode()) if with_body else ():
        yield replace(parts, body=changed.encode())


def off_by_one(text: str) -> Iterator[str]:
    for place, letter in enumerate(text):
        yield text[:place] + another(letter) + text[place + 1 :]


def another(letter: str) -> str:
    """Another character of the same kind, in the same case: it never means the same."""
    for kind in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if letter in kind:
            return kind[(kind.index(letter) + 1) % len(kind)]
    return "x"

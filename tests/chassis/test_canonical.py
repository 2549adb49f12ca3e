import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.canonical import UnreadableJson, canonical_json, content_digest, load_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    assert load_json(canonical_json(value)) == value


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical_json({"b": 1, "a": "đ"}) == '{"a":"đ","b":1}'.encode()


@pytest.mark.parametrize(
    "raw",
    [
        b'{"amount":1,"amount":2}',
        b'{"a":NaN}',
        b'{"a":',
        b"\xff",
        b"[" * 40 + b"]" * 40,
        b"[" * 30_000,
        b"1" * 5_000,
        b'"' + b"a" * 70_000 + b'"',
    ],
)
def test_json_that_two_parsers_might_read_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableJson):
        load_json(raw)


def test_the_digest_header_is_that_of_rfc_9530() -> None:
    assert content_digest(b'{"hello": "world"}\n') == (
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    )

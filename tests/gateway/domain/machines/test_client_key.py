from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.errors import IllegalTransition
from gateway.domain.machines.client import (
    KEY_AGE_MAX,
    KEY_ALLOWED,
    USABLE,
    Client,
    ClientClass,
    ClientKey,
    KeyState,
)
from tests.gateway.samples import NOW, PORTAL, key_of

LATER = NOW + timedelta(days=30)
KEY = key_of(PORTAL)


def moved(key: ClientKey, state: KeyState) -> ClientKey:
    steps = {
        KeyState.ACTIVE: lambda: key.approve(by="user:b", at=NOW),
        KeyState.RETIRING: lambda: key.retire(retires_at=LATER),
        KeyState.REVOKED: lambda: key.revoke(NOW),
        KeyState.EXPIRED: key.expire,
    }
    return steps[state]()


@pytest.mark.parametrize("wanted", [one for one in KeyState if one is not KeyState.PENDING])
@pytest.mark.parametrize("state", list(KeyState))
def test_a_key_takes_the_steps_of_the_table_and_no_other(state: KeyState, wanted: KeyState) -> None:
    key = replace(KEY, state=state)

    if wanted in KEY_ALLOWED[state]:
        assert moved(key, wanted).state is wanted
    else:
        with pytest.raises(IllegalTransition):
            moved(key, wanted)


@pytest.mark.parametrize("state", list(KeyState))
def test_active_and_retiring_keys_are_usable_and_no_others(state: KeyState) -> None:
    assert replace(KEY, state=state).is_usable(NOW) is (state in USABLE)


def test_the_earliest_end_counts_and_a_year_is_the_last() -> None:
    late = replace(KEY, expires_at=NOW + KEY_AGE_MAX * 2)
    retiring = replace(KEY, retires_at=LATER, expires_at=LATER + timedelta(days=1))

    assert late.until == NOW + KEY_AGE_MAX
    assert retiring.until == LATER
    assert replace(retiring, expires_at=NOW + timedelta(days=1)).until == NOW + timedelta(days=1)


def test_the_clock_ends_a_key_whatever_its_record_says() -> None:
    retiring = KEY.retire(retires_at=LATER)

    assert retiring.is_usable(LATER - timedelta(microseconds=1))
    assert not retiring.is_usable(LATER)


def test_a_bound_key_wants_its_certificate_and_an_unbound_one_takes_any() -> None:
    bound = replace(KEY, certificate_thumbprint="mine")

    assert [bound.accepts_certificate(one) for one in ("mine", "other", None)] == [
        True,
        False,
        False,
    ]
    assert KEY.accepts_certificate(None)
    assert KEY.accepts_certificate("any")


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ("192.0.2.9", True),
        ("::ffff:192.0.2.9", True),
        ("2001:db8::1", True),
        ("198.51.100.1", False),
        ("not an address", False),
        (None, False),
    ],
)
def test_networks_say_where_a_client_may_call_from(peer: str | None, allowed: bool) -> None:
    client = replace(PORTAL, networks=("192.0.2.0/24", "2001:db8::/32"))

    assert client.may_call_from(peer) is allowed
    assert PORTAL.may_call_from(peer)


def test_a_client_that_makes_no_sense_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="provider"):
        Client(id="bank-x", client_class=ClientClass.BANK)
    with pytest.raises(ValueError, match="network"):
        Client(id="portal-x", client_class=ClientClass.PORTAL, networks=("everywhere",))

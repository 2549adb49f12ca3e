import pytest
from pydantic import ValidationError

from services.notification.domain.sending import DEFAULT_RETRY_SECONDS
from services.notification.settings import NotificationSettings


def settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> NotificationSettings:
    monkeypatch.setenv("NOTIFICATION_DATABASE_URL", "sqlite+aiosqlite:///x")
    for name, value in environment.items():
        monkeypatch.setenv(f"NOTIFICATION_{name}", value)
    return NotificationSettings.model_validate(NotificationSettings().model_dump())


def test_private_addresses_are_refused_and_the_schedule_is_long_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = settings(monkeypatch)

    assert not plain.allow_private_webhooks
    assert plain.retry_seconds == DEFAULT_RETRY_SECONDS


def test_a_quick_schedule_is_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings(monkeypatch, RETRY_SECONDS="0.1, 1,5").retry_seconds == (0.1, 1, 5)


@pytest.mark.parametrize("wrong", ["", "5,x", "-1", "1e9"])
def test_a_schedule_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    with pytest.raises(ValidationError):
        settings(monkeypatch, RETRY_SECONDS=wrong)


def test_the_look_up_address_is_below_the_public_origin_unless_it_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    below = settings(monkeypatch, PUBLIC_ORIGIN="https://a.vn", LOOKUP_URL="/b?{lookup_code}")
    whole = settings(monkeypatch, LOOKUP_URL="https://c.vn/{lookup_code}")

    assert below.full_lookup_url == "https://a.vn/b?{lookup_code}"
    assert whole.full_lookup_url == "https://c.vn/{lookup_code}"

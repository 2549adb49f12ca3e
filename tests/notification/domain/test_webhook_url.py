import pytest

from services.notification.domain.errors import UnacceptableUrl
from services.notification.domain.webhook_url import check_webhook_url, is_public


@pytest.mark.parametrize(
    "url",
    [
        "https://portal.example.vn/hooks",
        "https://portal.example.vn:443/hooks?a=b",
        "http://portal.example.vn:8080/",
        "https://93.184.215.14/hooks",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hooks",
    ],
)
def test_a_public_address_may_be_called(url: str) -> None:
    check_webhook_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://portal.example.vn/hooks",
        "file:///etc/passwd",
        "https:///hooks",
        "portal.example.vn/hooks",
        "https://user@portal.example.vn/hooks",
        "https://user:word@portal.example.vn/hooks",
        "https://@portal.example.vn/hooks",
        "https://portal.example.vn:22/hooks",
        "https://portal.example.vn:0/hooks",
        "https://portal.example.vn:70000/hooks",
        "https://portal.example.vn:port/hooks",
        "https://portal.example.vn/hooks#part",
        "https://portal.example.vn/ho oks",
        "https://portal.example.vn/hooks\r\nx-a: b",
        "https://portal.example.vn\\@evil.example/",
        "https://cổng.example.vn/hooks",
        "https://portal.example.vn/" + "a" * 2_000,
        "https://[::1",
    ],
)
def test_what_no_receiver_needs_is_refused_even_in_development(url: str) -> None:
    with pytest.raises(UnacceptableUrl):
        check_webhook_url(url, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080/hooks",
        "http://localhost.:8080/hooks",
        "http://api.localhost/hooks",
        "http://payment/hooks",
        "http://printer.local/hooks",
        "http://metadata.google.internal/hooks",
        "http://127.0.0.1/hooks",
        "http://127.1/hooks",
        "http://2130706433/hooks",
        "http://0.0.0.0/hooks",
        "http://10.0.0.5/hooks",
        "http://172.16.0.1/hooks",
        "http://192.168.1.1/hooks",
        "http://100.64.0.1/hooks",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/hooks",
        "http://[::]/hooks",
        "http://[fe80::1]/hooks",
        "http://[fd00:ec2::254]/hooks",
        "http://[::ffff:10.0.0.5]/hooks",
        "http://[2002:a00:5::]/hooks",
        "http://[64:ff9b::a00:5]/hooks",
        "http://224.0.0.1/hooks",
    ],
)
def test_an_address_inside_our_network_is_refused_unless_allowed(url: str) -> None:
    with pytest.raises(UnacceptableUrl):
        check_webhook_url(url, allow_private=False)


def test_development_may_call_its_own_machine() -> None:
    check_webhook_url("http://127.0.0.1:8400/hooks", allow_private=True)


def test_what_is_no_address_is_not_public() -> None:
    assert not is_public("portal.example.vn")
    assert not is_public("fe80::1%eth0")
    assert is_public("93.184.215.14")

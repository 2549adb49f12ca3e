"""Which addresses a client may make us call. The rest would reach into our own network (SSRF)."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from services.notification.domain.errors import UnacceptableUrl

URL_LENGTH_MAX: Final = 2_000
PORT_MAX: Final = 65_535
# Below 1024 live mail, shells and directories; only the two ports of the web are called there.
WEB_PORTS: Final = frozenset({80, 443})
UNPRIVILEGED_PORT_MIN: Final = 1_024


def check_webhook_url(url: str, *, allow_private: bool) -> None:
    """Refuse what no receiver needs. A name's addresses are checked again at each delivery."""
    if len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise UnacceptableUrl("unreadable or too long", vi="không đọc được hoặc quá dài")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnacceptableUrl("not a URL", vi="không phải là URL") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or "\\" in url:
        raise UnacceptableUrl("not an http(s) URL", vi="không phải URL http(s)")
    if parts.username is not None or parts.password is not None:
        raise UnacceptableUrl("it carries credentials", vi="có kèm tên hoặc mật khẩu")
    if parts.fragment:
        raise UnacceptableUrl("it carries a fragment", vi="có kèm phần sau dấu #")
    if port is not None and not _callable_port(port):
        raise UnacceptableUrl(f"port {port} is not called", vi=f"không gọi cổng {port}")
    if not allow_private and _names_this_network(parts.hostname):
        raise UnacceptableUrl("it is not a public address", vi="không phải địa chỉ công khai")


def is_public(address: str) -> bool:
    """True for an address on the open internet; false for private, link-local, metadata, …"""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _globally_routed(parsed)


def _globally_routed(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return _globally_routed(inner)
        # NAT64 (64:ff9b::/96) and Teredo wrap an IPv4 address that nobody would look at.
        if address.teredo is not None or address.packed[:4] == b"\x00\x64\xff\x9b":
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _callable_port(port: int) -> bool:
    return port in WEB_PORTS or UNPRIVILEGED_PORT_MIN <= port <= PORT_MAX


def _names_this_network(host: str) -> bool:
    name = host.rstrip(".").lower()
    try:
        return not _globally_routed(ip_address(name.partition("%")[0]))
    except ValueError:
        # A dotless name, or a number in an odd notation, can only be something local.
        return (
            "." not in name
            or name.endswith((".localhost", ".local", ".internal"))
            or (name.rpartition(".")[2].isdigit())
        )

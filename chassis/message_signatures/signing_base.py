"""The signature base (RFC 9421 section 2.5), built by ourselves, byte by byte."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from chassis.message_signatures.refusal import BadSignature
from chassis.message_signatures.syntax import Component

DEFAULT_PORTS: Final[Mapping[str, str]] = {"http": ":80", "https": ":443"}

Headers = Sequence[tuple[str, str]]


def signature_base(
    components: Iterable[Component], values: Mapping[Component, str], text: str
) -> bytes:
    """A line for each component in the order signed, and the parameters last."""
    lines = [f"{component}: {values[component]}" for component in components]
    return "\n".join([*lines, f'"@signature-params": {text}']).encode("ascii")


def only_value(headers: Headers, name: str) -> str:
    """The only value of a header; none, two, or one that is not plain ASCII, are refused."""
    found = [value for key, value in headers if key.lower() == name]
    if len(found) != 1:
        raise BadSignature(f"exactly one {name} header is needed")
    value = found[0].strip(" \t")
    if not (value.isascii() and value.isprintable()):
        raise BadSignature(f"the {name} header holds more than printable ASCII")
    return value


def derived_value(name: str, *, method: str, url: str) -> str:
    """Of a request (RFC 9421 section 2.2); `url` is absolute and taken as it is, letter by letter.

    Cut by hand: a library that normalises, or knows of fragments, would sign other words than sent.
    """
    if name == "@method":
        return method
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise BadSignature("the target is not plain ASCII")
    if name == "@target-uri":
        return url
    scheme, _, rest = url.partition("://")
    authority, slash, target = rest.partition("/")
    path, _, query = (slash + target).partition("?")
    if name == "@authority":
        return authority.lower().removesuffix(DEFAULT_PORTS.get(scheme, "\n"))
    if name == "@path":
        return path or "/"
    if name == "@query":
        return f"?{query}"
    raise BadSignature(f"the component {name} is not accepted")

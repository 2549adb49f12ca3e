"""What can be done to a signed request by whoever carries it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from chassis.canonical import content_digest
from tests.gateway.corpus.mutation import OnTheWay, WireChanges
from tests.gateway.corpus.recipe import Wire

Text = Callable[[str], str]

VALUE_CHANGES: Final[dict[str, Text]] = {
    "emptied": lambda value: "",
    "first letter": lambda value: chr(ord(value[0]) ^ 1) + value[1:],
    "middle letter": lambda value: (
        value[: len(value) // 2]
        + chr(ord(value[len(value) // 2]) ^ 2)
        + value[len(value) // 2 + 1 :]
    ),
    "last letter": lambda value: value[:-1] + chr(ord(value[-1]) ^ 1),
    "last letter gone": lambda value: value[:-1],
    "first letter gone": lambda value: value[1:],
    "one letter more": lambda value: value + "x",
    "upper case": str.upper,
    "other case": str.swapcase,
    "reversed": lambda value: value[::-1],
    "a space inside": lambda value: value[:3] + " " + value[3:],
    "a tab inside": lambda value: value[:3] + "\t" + value[3:],
    "a line end inside": lambda value: value[:3] + "\n" + value[3:],
    "a folded line": lambda value: value[:3] + "\r\n " + value[3:],
    "a NUL": lambda value: value[:3] + "\0" + value[3:],
    "beyond ASCII": lambda value: value[:3] + "\xe9" + value[3:],
    "quoted": lambda value: f'"{value}"',
    "percent": lambda value: f"%{ord(value[0]):02X}{value[1:]}",
    "twice in one": lambda value: f"{value}, {value}",
    "something after a comma": lambda value: f"{value}, x",
    "a comma at the end": lambda value: f"{value},",
    "a parameter more": lambda value: f"{value};x",
    "far too long": lambda value: value + "A" * 5000,
}
METHODS: Final = ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "post", "POST\x00")
TARGETS: Final[dict[str, Text]] = {
    "slash at the end": lambda target: target + "/",
    "two slashes": lambda target: "/" + target,
    "dot segment": lambda target: target.replace("/v1/", "/v1/./", 1),
    "dot dot segment": lambda target: target.replace("/v1/", "/v1/x/../", 1),
    "upper case": lambda target: target.replace("/v1/", "/V1/", 1),
    "escaped letter": lambda target: target[:-1] + f"%{ord(target[-1]):02x}",
    "escaped slash": lambda target: target.replace("/v1/", "/v1%2f", 1),
    "a query": lambda target: target + "?x=1",
    "another query": lambda target: target + "?x=1&x=2",
    "a bare question mark and more": lambda target: target + "??",
    "a fragment": lambda target: target + "#x",
    "a path parameter": lambda target: target + ";x=1",
    "a letter more": lambda target: target + "s",
    "a letter less": lambda target: target[:-1],
    "a space": lambda target: target + "%20",
    "a NUL": lambda target: target + "%00",
    "beyond ASCII in the query": lambda target: target + "?x=\xe9",
    "an absolute target": lambda target: "http://127.0.0.1:8400" + target,
    "another route": lambda target: "/v1/webhook-endpoints",
    "another provider": lambda target: "/v1/provider-notifications/other",
    "the internal route": lambda target: target.replace("/v1/", "/internal/v1/", 1),
}
FLAGS: Final = (";sf", ";bs", ";tr", ";req", ';key="lephi"', ";x")
MORE_COMPONENTS: Final = (
    '"@authority"', '"@path"', '"@query"', '"@scheme"', '"@request-target"', '"@status"',
    '"date"', '"host"', '"content-length"', '"@query-param";name="x"', '"@unknown"', "method",
)  # fmt: skip
MORE_PARAMETERS: Final = (
    ';alg="ed25519"', ';alg="ecdsa-p256-sha256"', ';alg="rsa-pss-sha512"', ';alg="hmac-sha256"',
    ';alg="none"', ";alg", ';context="x"', ";x", ';jwk="{}"',
)  # fmt: skip


def header_changes(wire: Wire) -> WireChanges:
    for name, _ in wire.headers:
        place = f"header {name}"
        yield OnTheWay(place, f"{name}: gone", partial(_set, name=name, value=None))
        yield OnTheWay(place, f"{name}: renamed", partial(_rename, name=name))
        for after in (True, False):
            yield OnTheWay(
                place, f"{name}: again {after}", partial(_twice, name=name, after=after, other="")
            )
            yield OnTheWay(
                place, f"{name}: other {after}", partial(_twice, name=name, after=after, other="x")
            )
        for how, change in VALUE_CHANGES.items():
            yield OnTheWay(place, f"{name}: {how}", partial(_value, name=name, change=change))


def line_changes(wire: Wire) -> WireChanges:
    for method in METHODS:
        if method != wire.method:
            yield OnTheWay("method", f"method {method}", partial(_replace, method=method))
    for how, change in TARGETS.items():
        yield OnTheWay("target", f"target: {how}", partial(_replace, target=change(wire.target)))


def input_changes(wire: Wire) -> WireChanges:
    """Inside Signature-Input: each component and each parameter."""
    written = wire.header("signature-input") or ""
    components = re.findall(r'"[^"]+"', written.partition(")")[0])
    for number, component in enumerate(components):
        place = f"component {component}"
        for how, old, new in (
            ("gone", f"{component} ", "") if number == 0 else ("gone", f" {component}", ""),
            ("twice", component, f"{component} {component}"),
            ("upper case", component, component.upper()),
            ("unquoted", component, component.strip('"')),
            ("a letter more", component, f'{component[:-1]}x"'),
            ("two spaces", component, f"{component}  "),
            *((f"flag {flag}", component, component + flag) for flag in FLAGS),
        ):
            yield OnTheWay(place, f"{component}: {how}", partial(_inside, old=old, new=new))
        if number:
            before = components[number - 1]
            old, new = f"{before} {component}", f"{component} {before}"
            yield OnTheWay(place, f"{component}: moved", partial(_inside, old=old, new=new))
    for more in MORE_COMPONENTS:
        yield OnTheWay("components", f"and {more}", partial(_inside, old=")", new=f" {more})"))
        yield OnTheWay("components", f"{more} and", partial(_inside, old="(", new=f"({more} "))
    yield from _parameter_changes(re.findall(r";([a-z]+=(?:\"[^\"]*\"|\d+))", written))


def _parameter_changes(parameters: list[str]) -> WireChanges:
    for number, parameter in enumerate(parameters):
        name, _, value = parameter.partition("=")
        bare = value.strip('"')
        place = f"parameter {name}"
        turned = f'"{value}"' if value == bare else bare
        for how, new in (
            ("gone", ""),
            ("twice", f";{parameter};{parameter}"),
            ("other kind", f";{name}={turned}"),
            ("no value", f";{name}"),
            ("upper case", f";{name.upper()}={value}"),
            ("a space", f"; {parameter}"),
            ("emptied", f';{name}=""'),
            ("one more", f";{name}={int(bare) + 1}" if bare.isdigit() else f';{name}="{bare}A"'),
            ("one less", f";{name}={int(bare) - 1}" if bare.isdigit() else f';{name}="{bare[1:]}"'),
            ("a fraction", f";{name}={bare}.0"),
            ("a minus", f";{name}=-{bare}"),
            ("a zero before", f";{name}=0{bare}"),
            ("bytes", f";{name}=:AAAA:"),
        ):
            change = partial(_inside, old=f";{parameter}", new=new)
            yield OnTheWay(place, f"{name}: {how}", change)
        if number:
            before = parameters[number - 1]
            old, new = f";{before};{parameter}", f";{parameter};{before}"
            yield OnTheWay(place, f"{name}: moved", partial(_inside, old=old, new=new))
    for more in MORE_PARAMETERS:
        yield OnTheWay("parameters", f"and {more}", partial(_more_parameters, more=more))


def label_changes(wire: Wire) -> WireChanges:
    for label in ("sig1", "Lephi", "lephi2", "dvc", "le phi", ""):
        for names in (("signature-input",), ("signature",), ("signature-input", "signature")):
            yield OnTheWay(
                "label", f"label {label!r} in {names}", partial(_labelled, names=names, label=label)
            )


def body_changes(wire: Wire) -> WireChanges:
    for how, body in _bodies(wire.body):
        if body == wire.body:
            continue
        yield OnTheWay("body", f"body: {how}", partial(_replace, body=body))
        if wire.body:
            yield OnTheWay("body", f"body and digest: {how}", partial(_with_digest, body=body))


def _bodies(raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "another", b'{"procedure_code":"9.999"}'
    if not raw:
        return
    for part in range(1, 8):
        yield f"cut at {part}/8", raw[: len(raw) * part // 8]
    for place in range(0, len(raw), 9):
        yield f"bit at {place}", raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
    yield "a space more", raw + b" "
    yield "a line end more", raw + b"\n"
    yield "a space before", b" " + raw
    yield "a byte order mark", b"\xef\xbb\xbf" + raw
    yield "UTF-16", raw.decode().encode("utf-16")
    yield "twice", raw + raw
    value = json.loads(raw)
    yield "spelled otherwise", json.dumps(value, indent=1).encode()
    yield "turned round", json.dumps(dict(reversed(value.items()))).encode()
    for name in value:
        yield from _field(value, name)


def _field(value: dict[str, Any], name: str) -> Iterator[tuple[str, bytes]]:
    without = {key: one for key, one in value.items() if key != name}
    yield f"without {name}", json.dumps(without).encode()
    others: tuple[Any, ...] = (None, 0, -1, 1e30, "", "x", [], {}, True)
    for other in others:
        yield f"{name} is {other!r}", json.dumps(value | {name: other}).encode()
    again = f'"{name}": null, '.encode()
    yield f"{name} twice", b"{" + again + json.dumps(value).encode()[1:]
    yield f"{name} in capitals", json.dumps(without | {name.upper(): value[name]}).encode()


def exchanges(wire: Wire, others: dict[str, Wire]) -> WireChanges:
    """Parts of one valid request put into another."""
    for whose, other in others.items():
        for names in (("signature-input",), ("signature",), ("signature-input", "signature")):
            yield OnTheWay(
                "exchange", f"{names} of {whose}", partial(_exchange, other=other, names=names)
            )
        change = partial(_exchange, other=other, names=("lephi-client",))
        yield OnTheWay("header lephi-client", f"client of {whose}", change)


def _set(wire: Wire, *, name: str, value: str | None) -> Wire | None:
    return None if wire.header(name) is None else wire.with_header(name, value)


def _rename(wire: Wire, *, name: str) -> Wire | None:
    value = wire.header(name)
    return None if value is None else wire.with_header(name, None).and_header(f"{name}-x", value)


def _twice(wire: Wire, *, name: str, after: bool, other: str) -> Wire | None:
    value = wire.header(name)
    if value is None:
        return None
    more = (name, other or value)
    headers = (*wire.headers, more) if after else (more, *wire.headers)
    return replace(wire, headers=headers)


def _value(wire: Wire, *, name: str, change: Text) -> Wire | None:
    value = wire.header(name)
    return None if not value or len(value) < 4 else wire.with_header(name, change(value))


def _replace(wire: Wire, **changes: Any) -> Wire:
    return replace(wire, **changes)


def _with_digest(wire: Wire, *, body: bytes) -> Wire | None:
    return replace(wire.with_header("content-digest", content_digest(body)), body=body)


def _inside(wire: Wire, *, old: str, new: str) -> Wire | None:
    written = wire.header("signature-input")
    if written is None or old not in written:
        return None
    return wire.with_header("signature-input", written.replace(old, new, 1))


def _more_parameters(wire: Wire, *, more: str) -> Wire | None:
    written = wire.header("signature-input")
    return None if written is None else wire.with_header("signature-input", written + more)


def _labelled(wire: Wire, *, names: tuple[str, ...], label: str) -> Wire | None:
    for name in names:
        value = wire.header(name)
        if value is None:
            return None
        wire = wire.with_header(name, f"{label}={value.partition('=')[2]}")
    return wire


def _exchange(wire: Wire, *, other: Wire, names: tuple[str, ...]) -> Wire | None:
    for name in names:
        if wire.header(name) is None:
            return None
        wire = wire.with_header(name, other.header(name))
    return wire

"""docs/how-to-sign.md as data: its blocks of bytes by name."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "how-to-sign.md"
BLOCK: Final = re.compile(r"^ *```(\w+) ([a-z-]+)\n(.*?)\n *```$", re.DOTALL | re.MULTILINE)
INDENT: Final = re.compile(r"^   ", re.MULTILINE)


@dataclass(frozen=True)
class HttpMessage:
    first_line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def one(self, name: str) -> str:
        (value,) = [value for key, value in self.headers if key == name]
        return value

    @property
    def method(self) -> str:
        return self.first_line.split(" ")[0]

    @property
    def url(self) -> str:
        return f"https://{self.one('host')}{self.first_line.split(' ')[1]}"

    @property
    def status(self) -> int:
        return int(self.first_line.split(" ")[1])


def blocks() -> dict[tuple[str, str], str]:
    """By kind and name; a block within a list is indented, its bytes are not."""
    found = BLOCK.findall(PAGE.read_text("utf-8"))
    named = {(kind, name): INDENT.sub("", text) for kind, name, text in found}
    assert len(named) == len(found), "two blocks bear one name"
    return named


def http_message(text: str) -> HttpMessage:
    head, _, body = text.partition("\n\n")
    first_line, *lines = head.split("\n")
    headers = [line.split(": ", 1) for line in lines]
    return HttpMessage(
        first_line, tuple((name.lower(), value) for name, value in headers), body.encode()
    )

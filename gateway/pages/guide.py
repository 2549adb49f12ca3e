"""The page for those who sign: docs/how-to-sign.md, made into HTML once."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

TITLE: Final = "How to sign"
FRAME: Final = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Lephi – {title}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/assets/guide.css">
  </head>
  <body>
    <nav><a href="/docs">API</a> <a href="/openapi.json">openapi.json</a></nav>
    <main>
{content}    </main>
  </body>
</html>
"""


def read_guide(path: Path) -> bytes | None:
    """None when this installation does not carry the page."""
    return render_guide(path.read_text("utf-8")).encode() if path.is_file() else None


def render_guide(text: str) -> str:
    """Headings can be linked to. HTML within the text stays text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for opened, inner in pairwise(tokens):
        if opened.type == "heading_open":
            opened.attrSet("id", _anchor(inner))
    content = markdown.renderer.render(tokens, markdown.options, {})
    return FRAME.format(title=TITLE, content=content)


def _anchor(heading: Token) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", heading.content.lower()))

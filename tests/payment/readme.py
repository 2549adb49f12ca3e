"""What the service's README says, for tests that hold it to the code."""

import re
from pathlib import Path

import services.payment

README = Path(services.payment.__file__).parent / "README.md"
_DRAWING = re.compile(r"```mermaid\nstateDiagram-v2\n(.*?)```", re.DOTALL)
_STEP = re.compile(r"^\s*(\w+) --> (\w+)", re.MULTILINE)


def drawn_states() -> list[set[tuple[str, str]]]:
    """The steps of each drawing, in the order of the page."""
    text = README.read_text("utf-8")
    return [set(_STEP.findall(drawing)) for drawing in _DRAWING.findall(text)]

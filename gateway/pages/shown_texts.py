"""What a payer reads before signing: one template file for each version of the words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.clock import VIETNAM
from gateway.domain.confirming.fee_intent import moment_of
from gateway.domain.confirming.ways import SHOWN

FOLDER: Final = Path(__file__).parent / "templates"


class TemplateTexts:
    def __init__(self) -> None:
        # Plain text, shown as text: nothing in it is ever read as markup.
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701
            keep_trailing_newline=True,
        )
        self._templates.globals["ways"] = SHOWN
        self._templates.filters["dong"] = _dong
        self._templates.filters["moment"] = _moment

    def render(self, intent: Mapping[str, Any]) -> str:
        """Of the version that the intent names, e.g. confirm-vi/1."""
        name = str(intent["tpl"]).replace("/", "-")
        return self._templates.get_template(f"{name}.txt").render(**intent)


def _dong(amount: str) -> str:
    return f"{int(amount):,}".replace(",", ".")


def _moment(instant: str) -> str:
    return f"{moment_of(instant).astimezone(VIETNAM):%H:%M:%S ngày %d/%m/%Y}"

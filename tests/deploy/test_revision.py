import shutil
from pathlib import Path

import pytest

from deploy.commands.houses import migrations_of
from deploy.revision import begin, main


def test_the_next_migration_gets_the_next_number_and_the_name_of_what_it_does(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_of("catalog"), folder)
    last = max((folder / "versions").glob("[0-9]*.py"))

    written = begin("catalog", "Add opening hours", folder=folder)

    number = f"{int(last.name[:4]) + 1:04}"
    assert written.name == f"{number}_add_opening_hours.py"
    text = written.read_text("utf-8")
    assert f'revision = "{number}"' in text
    assert f'down_revision = "{last.name[:4]}"' in text
    assert "def downgrade()" in text


@pytest.mark.parametrize("words", [[], ["payment"], ["nobody", "Add refund"], ["payment", ""]])
def test_an_incomplete_request_says_how_to_ask(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert "make revision s=payment" in capsys.readouterr().err

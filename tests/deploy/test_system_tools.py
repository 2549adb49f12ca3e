import shutil

import pytest

from deploy import system_tools
from deploy.servers import packages


@pytest.fixture
def _without_zbar(monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "zbarimg" else which(name))


@pytest.mark.usefixtures("_without_zbar")
def test_what_is_missing_is_named_where_we_may_not_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages, "can_install", lambda: False)

    assert "zbar-tools" in system_tools.missing_packages()
    assert system_tools.main() == 1
    assert "zbar-tools" in capsys.readouterr().err


@pytest.mark.usefixtures("_without_zbar")
def test_what_is_missing_is_installed_where_we_may(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    monkeypatch.setattr(packages, "can_install", lambda: True)
    monkeypatch.setattr(packages, "install", lambda *names: installed.extend(names))

    assert system_tools.main() == 0
    assert "zbar-tools" in installed


def test_nothing_is_done_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")

    assert system_tools.missing_packages() == []
    assert system_tools.main() == 0

"""The README's table of providers against the adapters."""

import re
from pathlib import Path

import pytest

from deploy.development_keys import ensure_development_keys
from services.payment.providers import ADAPTERS, SANDBOX_CLIENT_ID
from services.payment.providers.adapter import ProviderConfig
from tests.payment.readme import README

ROW = re.compile(
    r"^\| `(\w+)` \| ((?:`\w+` ?)+)\| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$", re.MULTILINE
)


@pytest.fixture(scope="module")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("var")
    ensure_development_keys(place)
    return place / "keys"


def row(name: str, keys_dir: Path) -> tuple[str, ...]:
    config = ProviderConfig(
        name=name,
        client_id=SANDBOX_CLIENT_ID if name in ("bank", "echeque") else name,
        url="",
        notify_url="",
        facts={"account_number": "0123456789"},
    )
    made = ADAPTERS[name](config, keys_dir)
    ways = (made.checkout, made.enquiry, made.refund, made.refund and made.refund.enquiry)
    methods = " ".join(f"`{method}`" for method in sorted(made.methods))
    return (name, methods, *("yes" if way else "–" for way in ways))


def test_the_readme_says_what_each_provider_is_able_to(keys_dir: Path) -> None:
    said = [
        (name, methods.strip(), *able)
        for name, methods, *able in ROW.findall(README.read_text("utf-8"))
    ]

    assert said == [row(name, keys_dir) for name in sorted(ADAPTERS)]

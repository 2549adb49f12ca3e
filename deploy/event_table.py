"""Who says what and who hears it, read from the code of each house."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import walk_packages

from chassis.events import EventData
from deploy.commands.houses import HOUSES, package_of


def events_of(house: str) -> Mapping[str, type[EventData]]:
    """What a house says, by type, from every module `events` of its domain."""
    domain = import_module(f"{package_of(house)}.domain")
    modules = walk_packages(domain.__path__, f"{domain.__name__}.")
    named = [one.name for one in modules if one.name.endswith(".events")]
    values = [value for name in named for value in vars(import_module(name)).values()]
    events = [value for value in values if isinstance(value, type)]
    return {event.type: event for event in events if issubclass(event, EventData) and event.type}


def said_by(house: str) -> Sequence[str]:
    """The types a house defines: exactly one house may say each."""
    return sorted(events_of(house))


def heard_by(house: str) -> Sequence[str]:
    """The types a house's worker subscribes to."""
    name = f"{package_of(house)}.consumers"
    if find_spec(name) is None:
        return ()
    consumers = getattr(import_module(name), "CONSUMERS", None)
    return () if consumers is None else sorted(consumers.types)


def all_types() -> Sequence[str]:
    return sorted({type for house in HOUSES for type in (*said_by(house), *heard_by(house))})

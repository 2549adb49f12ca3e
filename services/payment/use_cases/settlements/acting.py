from dataclasses import dataclass

from chassis.duties import Reach


@dataclass(frozen=True, slots=True)
class Acting:
    """The person at the desk, and whose money they may decide about."""

    subject: str
    reach: Reach

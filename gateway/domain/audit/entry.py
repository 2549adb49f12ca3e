"""What the audit log keeps of a change: who did what to which thing, and nothing private."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ACTION: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}(\.[a-z][a-z0-9_-]{0,63}){1,2}")
NAME_LENGTH_MAX: Final = 256
DETAILS_MAX: Final = 32
DETAIL_LENGTH_MAX: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`actor` and `subject` are `kind:id`, for example `user:0199…` and `client_key:NzbL…`.

    `details` holds short texts only: states, digests, amounts as texts; never personal data.
    """

    action: str
    actor: str
    subject: str
    details: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A record that does not fit must stop the change, for later it would stop the log.
        if not ACTION.fullmatch(self.action):
            raise ValueError(f"{self.action!r} is not an action: noun.verb_past")
        if max(len(self.actor), len(self.subject)) > NAME_LENGTH_MAX:
            raise ValueError(f"actor and subject have at most {NAME_LENGTH_MAX} characters")
        longest = max((len(key) + len(text) for key, text in self.details.items()), default=0)
        if len(self.details) > DETAILS_MAX or longest > DETAIL_LENGTH_MAX:
            raise ValueError("the details of an audit entry are few and short")

"""What the audit log keeps of a change: who did what to which thing, and nothing private."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`actor` and `subject` are `kind:id`, for example `user:0199…` and `client_key:NzbL…`.

    `details` holds short texts only: states, digests, amounts as texts; never personal data.
    """

    action: str
    actor: str
    subject: str
    details: Mapping[str, str] = field(default_factory=dict)

"""What each class of messages must sign: the tag names the exact set of components."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TARGET: Final = "@target-uri"
# For a client whose own proxy rewrites the scheme or the port; its record says so.
SPLIT_TARGET: Final = ("@authority", "@path", "@query")


@dataclass(frozen=True, slots=True)
class Shape:
    """Exactly these components under this tag, and `when_present` exactly when they are there."""

    tag: str
    components: tuple[str, ...]
    when_present: tuple[str, ...] = ()

    def components_for(
        self, headers: Sequence[tuple[str, str]], *, splits_target: bool = False
    ) -> tuple[str, ...]:
        """What a message with these headers must sign."""
        if not splits_target and not self.when_present:
            return self.components
        named = [
            part
            for name in self.components
            for part in (SPLIT_TARGET if splits_target and name == TARGET else (name,))
        ]
        there = {name.lower() for name, _value in headers}
        return (*named, *(name for name in self.when_present if name in there))


FEE_REQUEST: Final = Shape(
    "lephi-fee-request-1",
    ("@method", "@target-uri", "content-digest", "content-type", "idempotency-key", "lephi-client"),
    # A token taken from another message must not be put beside a signature that is silent of it.
    when_present=("authorization", "dpop"),
)
CALLBACK: Final = Shape(
    "lephi-bank-callback-1",
    ("@method", "@target-uri", "content-digest", "content-type", "lephi-client"),
)
READ: Final = Shape("lephi-read-1", ("@method", "@target-uri", "lephi-client"))
SHAPES: Final = {shape.tag: shape for shape in (FEE_REQUEST, CALLBACK, READ)}

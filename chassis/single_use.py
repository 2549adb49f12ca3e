"""What may be used once, remembered for as long as it could be used again."""

from collections import deque

from chassis.errors import Unavailable


class MemoryFull(Unavailable):
    code = "too_busy"

    def __init__(self) -> None:
        super().__init__("More requests than can be told apart.", vi="Quá nhiều yêu cầu cùng lúc.")


class SingleUse:
    """Names seen by this process. Full, it refuses what is new rather than forget what it saw."""

    def __init__(self, *, names_max: int) -> None:
        self._names_max = names_max
        self._seen: set[str] = set()
        # In the order of arrival; a name that ends early waits here behind one that ends late.
        self._ends: deque[tuple[float, str]] = deque()

    def claim(self, name: str, *, until: float, now: float) -> bool:
        """Whether this is the first use; `until` and `now` are seconds of the same clock."""
        while self._ends and self._ends[0][0] <= now:
            self._seen.discard(self._ends.popleft()[1])
        if name in self._seen:
            return False
        if len(self._seen) >= self._names_max:
            raise MemoryFull
        self._seen.add(name)
        self._ends.append((until, name))
        return True

"""The ten states of a dossier, numbered as the national exchange numbers them."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class State(IntEnum):
    REGISTERED = 1
    ACCEPTED = 2
    NOT_ACCEPTED = 3
    IN_PROGRESS = 4
    SUPPLEMENT_REQUESTED = 5
    PAYMENT_REQUIRED = 6
    WITHDRAWN = 7
    STOPPED = 8
    PROCESSED = 9
    RETURNED = 10

    @property
    def name_vi(self) -> str:
        return NAMES[self][0]

    @property
    def name_en(self) -> str:
        return NAMES[self][1]


NAMES: Final[Mapping[State, tuple[str, str]]] = {
    State.REGISTERED: ("Mới đăng ký", "Registered"),
    State.ACCEPTED: ("Được tiếp nhận", "Accepted"),
    State.NOT_ACCEPTED: ("Không được tiếp nhận", "Not accepted"),
    State.IN_PROGRESS: ("Đang xử lý", "In progress"),
    State.SUPPLEMENT_REQUESTED: ("Yêu cầu bổ sung giấy tờ", "More papers requested"),
    State.PAYMENT_REQUIRED: ("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment required"),
    State.WITHDRAWN: ("Công dân yêu cầu rút hồ sơ", "Withdrawn by the applicant"),
    State.STOPPED: ("Dừng xử lý", "Stopped"),
    State.PROCESSED: ("Đã xử lý xong", "Processed"),
    State.RETURNED: ("Đã trả kết quả", "Result returned"),
}

# Papers and money may be asked for before acceptance and again while the work goes on; a stop is
# a pause, so it may end in work. What is refused, withdrawn or returned is over.
ALLOWED: Final[Mapping[State, frozenset[State]]] = {
    State.REGISTERED: frozenset(
        {
            State.ACCEPTED,
            State.NOT_ACCEPTED,
            State.SUPPLEMENT_REQUESTED,
            State.PAYMENT_REQUIRED,
            State.WITHDRAWN,
        }
    ),
    State.ACCEPTED: frozenset(
        {State.IN_PROGRESS, State.PAYMENT_REQUIRED, State.WITHDRAWN, State.STOPPED}
    ),
    State.NOT_ACCEPTED: frozenset(),
    State.IN_PROGRESS: frozenset(
        {
            State.SUPPLEMENT_REQUESTED,
            State.PAYMENT_REQUIRED,
            State.WITHDRAWN,
            State.STOPPED,
            State.PROCESSED,
        }
    ),
    State.SUPPLEMENT_REQUESTED: frozenset(
        {
            State.ACCEPTED,
            State.NOT_ACCEPTED,
            State.IN_PROGRESS,
            State.PAYMENT_REQUIRED,
            State.WITHDRAWN,
            State.STOPPED,
        }
    ),
    State.PAYMENT_REQUIRED: frozenset(
        {
            State.ACCEPTED,
            State.NOT_ACCEPTED,
            State.IN_PROGRESS,
            State.WITHDRAWN,
            State.STOPPED,
        }
    ),
    State.WITHDRAWN: frozenset(),
    State.STOPPED: frozenset({State.IN_PROGRESS, State.WITHDRAWN}),
    State.PROCESSED: frozenset({State.RETURNED}),
    State.RETURNED: frozenset(),
}


def drawn_as_mermaid() -> str:
    """The table as a picture for the README; a test holds the two together."""
    lines = ["stateDiagram-v2"]
    lines += [f"    s{state.value} : {state.value} {state.name_en}" for state in State]
    lines.append("    [*] --> s1")
    for state in State:
        lines += [f"    s{state.value} --> s{after.value}" for after in sorted(ALLOWED[state])]
        if not ALLOWED[state]:
            lines.append(f"    s{state.value} --> [*]")
    return "\n".join(lines)

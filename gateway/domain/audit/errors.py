from chassis.errors import Conflict, Invalid, NotFound


class LogBroken(Exception):
    """The log is not what was signed before: nothing is signed again until somebody has looked."""


class EntryNotFound(NotFound):
    code = "audit_entry_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such audit entry.", vi="Không có bản ghi nhật ký kiểm toán này."
        )


class CheckpointNotFound(NotFound):
    code = "audit_checkpoint_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no signed checkpoint of that size.",
            vi="Không có điểm chốt nhật ký đã ký với kích thước này.",
        )


class NotYetProvable(Conflict):
    """The entry is written down and waits for a place, or for a checkpoint that covers it."""

    code = "audit_proof_pending"

    def __init__(self) -> None:
        super().__init__(
            "The entry is not covered by a checkpoint yet; ask again in ten seconds.",
            vi="Bản ghi chưa thuộc điểm chốt nào; hãy thử lại sau mười giây.",
        )


class SizesOutOfOrder(Invalid):
    code = "audit_sizes_out_of_order"

    def __init__(self) -> None:
        super().__init__(
            "An index must lie below its size, and `from` may not exceed `to`.",
            vi="Chỉ số phải nhỏ hơn kích thước; `from` không được lớn hơn `to`.",
        )

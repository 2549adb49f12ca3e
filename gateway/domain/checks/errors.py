from chassis.errors import Unavailable


class ChecksAreBusy(Unavailable):
    code = "checks_are_busy"

    def __init__(self) -> None:
        super().__init__(
            "Many files are being checked just now; try again in a moment.",
            vi="Đang có nhiều tệp chờ kiểm tra; vui lòng thử lại sau giây lát.",
            retry_after_seconds=5,
        )

from datetime import datetime, timedelta

from chassis.errors import Conflict, Invalid, NotFound, Unavailable


class StopTooLong(Invalid):
    code = "maintenance_too_long"

    def __init__(self, longest: timedelta) -> None:
        hours = _hours(longest)
        super().__init__(
            f"A maintenance window may last {hours} hours at most.",
            vi=f"Mỗi lần bảo trì không được quá {hours} giờ.",
            field="ends_at",
        )


class AnnouncedTooLate(Invalid):
    code = "maintenance_announced_too_late"

    def __init__(self, notice: timedelta) -> None:
        hours = _hours(notice)
        super().__init__(
            f"A maintenance window is announced at least {hours} hours before it starts.",
            vi=f"Phải thông báo bảo trì trước ít nhất {hours} giờ.",
            field="starts_at",
        )


class EndsBeforeStart(Invalid):
    code = "maintenance_ends_before_start"

    def __init__(self) -> None:
        super().__init__(
            "A maintenance window ends after it starts.",
            vi="Thời điểm kết thúc phải sau thời điểm bắt đầu.",
            field="ends_at",
        )


class WindowsOverlap(Conflict):
    code = "maintenance_overlaps"

    def __init__(self) -> None:
        super().__init__(
            "Another maintenance window lies in this time.",
            vi="Đã có lịch bảo trì khác trong khoảng thời gian này.",
        )


class WindowNotFound(NotFound):
    code = "maintenance_window_not_found"

    def __init__(self) -> None:
        super().__init__("No such maintenance window.", vi="Không tìm thấy lịch bảo trì.")


class UnderMaintenance(Unavailable):
    """Fees are not opened now; notices of banks are taken, and every deadline stands still."""

    code = "under_maintenance"

    def __init__(self, *, until: datetime, seconds_left: int) -> None:
        super().__init__(
            f"Under maintenance until {until.isoformat()}.",
            vi="Hệ thống đang bảo trì theo lịch đã thông báo. Vui lòng quay lại sau.",
            retry_after_seconds=max(1, seconds_left),
            members={"maintenance_ends_at": until.isoformat()},
        )


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:g}"

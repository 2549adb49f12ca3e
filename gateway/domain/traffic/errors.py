import math

from chassis.errors import TooMany, Unavailable
from gateway.domain.traffic.limits import Limit, Traffic


class TooManyRequests(TooMany):
    code = "too_many_requests"

    def __init__(self, traffic: Traffic, limit: Limit, *, wait_seconds: float) -> None:
        self.traffic = traffic
        self.limit = limit
        seconds = max(1, math.ceil(wait_seconds))
        super().__init__(
            f"Too many requests; try again in {seconds} s.",
            vi=f"Quá nhiều yêu cầu; vui lòng thử lại sau {seconds} giây.",
            retry_after_seconds=seconds,
        )

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """As the IETF's draft on RateLimit header fields spells them."""
        name, window = f'"{self.traffic}"', math.ceil(self.limit.burst / self.limit.per_second)
        return (
            ("ratelimit-policy", f"{name};q={self.limit.burst};w={window}"),
            ("ratelimit", f"{name};r=0;t={self.retry_after_seconds}"),
        )


class ClockOff(Unavailable):
    code = "clock_off"

    def __init__(self) -> None:
        super().__init__(
            "Our clock disagrees with the database's; nothing with a fee goes on.",
            vi="Đồng hồ hệ thống sai lệch; tạm dừng các giao dịch có thu phí.",
            retry_after_seconds=30,
        )

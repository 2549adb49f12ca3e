from chassis.errors import (
    Conflict,
    Unavailable,
)


class IllegalTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, thing: str, *, current: str, wanted: str) -> None:
        super().__init__(
            f"{thing} is {current} and cannot become {wanted}.",
            vi=f"{thing} đang ở trạng thái {current}, không thể chuyển sang {wanted}.",
        )


class StoreUnavailable(Unavailable):
    """Keys, nonces and evidence cannot be read or written: nothing with a fee goes on."""

    code = "evidence_store_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The request cannot be recorded now. Try again shortly.",
            vi="Chưa thể ghi nhận yêu cầu. Hãy thử lại sau ít giây.",
        )


class UpstreamUnavailable(Unavailable):
    code = "service_unavailable"

    def __init__(self, service: str) -> None:
        super().__init__(
            f"The {service} service cannot be reached now. Try again shortly.",
            vi=f"Dịch vụ {service} tạm thời chưa trả lời. Hãy thử lại sau ít giây.",
        )

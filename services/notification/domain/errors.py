"""Why we refuse."""

from uuid import UUID

from chassis.errors import Conflict, Invalid, NotFound, Unavailable


class IllegalTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, noun: str, *, current: str, wanted: str) -> None:
        super().__init__(
            f"The {noun} is {current} and cannot become {wanted}.",
            vi=f"Trạng thái hiện tại là {current}, không thể chuyển sang {wanted}.",
        )


class UnacceptableUrl(Invalid):
    code = "unacceptable_url"

    def __init__(self, reason: str, *, vi: str) -> None:
        super().__init__(
            f"Webhooks cannot be sent to this address: {reason}.",
            vi=f"Không thể gửi webhook đến địa chỉ này: {vi}.",
            field="url",
        )


class TooManyEndpoints(Conflict):
    code = "too_many_endpoints"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"A client may have at most {limit} webhook endpoints.",
            vi=f"Mỗi hệ thống được đăng ký tối đa {limit} địa chỉ nhận webhook.",
        )


class UnknownEndpoint(NotFound):
    code = "unknown_webhook_endpoint"

    def __init__(self, endpoint_id: UUID) -> None:
        super().__init__(
            f"There is no webhook endpoint {endpoint_id}.",
            vi=f"Không có địa chỉ nhận webhook {endpoint_id}.",
        )


class UnknownDelivery(NotFound):
    code = "unknown_webhook_delivery"

    def __init__(self, delivery_id: UUID) -> None:
        super().__init__(
            f"There is no webhook delivery {delivery_id}.",
            vi=f"Không có lượt gửi webhook {delivery_id}.",
        )


class EndpointRemoved(Conflict):
    code = "webhook_endpoint_removed"

    def __init__(self, endpoint_id: UUID) -> None:
        super().__init__(
            f"Webhook endpoint {endpoint_id} was removed; nothing is sent to it any more.",
            vi=f"Địa chỉ nhận webhook {endpoint_id} đã bị xóa, không gửi thêm được.",
        )


class DocumentsUnavailable(Unavailable):
    code = "receipt_documents_unavailable"

    def __init__(self, receipt_id: UUID) -> None:
        super().__init__(
            f"The documents of receipt {receipt_id} cannot be fetched now.",
            vi=f"Chưa lấy được tệp của biên lai {receipt_id}.",
        )

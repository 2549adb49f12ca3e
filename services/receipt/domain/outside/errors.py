"""Why the receipt house refuses a word about outside issuers."""

from chassis.errors import NotFound, Unavailable


class OutsideIssueNotFound(NotFound):
    code = "outside_issue_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such order to an outside issuer.",
            vi="Không có yêu cầu lập biên lai này.",
        )


class FindingNotFound(NotFound):
    code = "outside_finding_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such finding.", vi="Không có sai lệch này.")


class IssuerNotConfigured(Unavailable):
    code = "outside_issuer_not_configured"

    def __init__(self, issuer: str) -> None:
        super().__init__(
            f"The outside issuer {issuer} is not configured here.",
            vi=f"Chưa cấu hình đơn vị cung cấp biên lai {issuer}.",
        )


class OutsideDocumentMissing(Unavailable):
    """Asking again later is right: the issuer has it, we could not get it now."""

    code = "outside_document_missing"

    def __init__(self, issuer: str) -> None:
        super().__init__(
            f"The outside issuer {issuer} did not give the document now.",
            vi="Chưa lấy được tệp biên lai từ đơn vị cung cấp; vui lòng thử lại sau.",
        )

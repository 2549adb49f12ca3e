from chassis.errors import Conflict, NotFound


class TimeStampUnavailable(Exception):
    """The authority gave no stamp that holds. Nothing waits for one: what needs it says so."""


class EvidenceNotFound(NotFound):
    code = "evidence_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no evidence of such a payment for this client.",
            vi="Không có hồ sơ chứng cứ của khoản thanh toán này cho đơn vị kết nối.",
        )


class TooMuchEvidence(Conflict):
    code = "too_much_evidence"

    def __init__(self, records_max: int) -> None:
        super().__init__(
            f"This payment has more than {records_max} records of evidence; ask the operator.",
            vi=f"Khoản này có hơn {records_max} bản ghi bằng chứng; hãy liên hệ đơn vị vận hành.",
        )

"""Why the receipt house refuses a word about what it keeps."""

from chassis.errors import Conflict, Invalid, NotFound, Unavailable


class KeepingFindingNotFound(NotFound):
    code = "keeping_finding_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such finding.", vi="Không có sai lệch lưu trữ này.")


class LegalHoldNotFound(NotFound):
    code = "legal_hold_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such hold.", vi="Không có yêu cầu phong tỏa này.")


class HoldNamesNothing(Invalid):
    code = "hold_names_nothing"

    def __init__(self) -> None:
        super().__init__(
            "A hold is on one receipt, or on an agency's from one day on; not on both.",
            vi="Chỉ phong tỏa một biên lai, hoặc các biên lai của một cơ quan từ một ngày.",
            field="receipt_id",
        )


class VaultUnavailable(Unavailable):
    """Asking again later is right. `why` names no key and no address."""

    code = "vault_unavailable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The vault does not do this now: {why}.", vi="Kho lưu trữ chưa dùng được lúc này."
        )


class VaultCopyDiffers(Conflict):
    """What is there already under this address are other bytes; they were left as they are."""

    code = "vault_copy_differs"

    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"The vault has other bytes under {sha256}.",
            vi="Bản lưu trong kho không khớp mã băm.",
        )


class WrongAddress(Invalid):
    code = "wrong_vault_address"

    def __init__(self) -> None:
        super().__init__(
            "These bytes do not belong under this address.", vi="Nội dung không khớp mã băm."
        )

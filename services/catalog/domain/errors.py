"""Why the catalogue refuses something, in the words of those who publish fees."""

from datetime import date

from chassis.errors import Conflict, Invalid, Malformed, NotFound


class BadCatalogueFile(Malformed):
    code = "bad_catalogue_file"

    def __init__(self, reason: str, *, field: str | None = None) -> None:
        where = f" at {field}" if field else ""
        super().__init__(
            f"The catalogue file cannot be read{where}: {reason}",
            vi=f"Không đọc được tệp danh mục{f' tại {field}' if field else ''}.",
            field=field,
        )


class BadCode(Invalid):
    code = "bad_code"

    def __init__(self, noun: str, value: str) -> None:
        super().__init__(
            f"{value!r} is not a valid code of {noun}.",
            vi=f"Mã “{value}” không đúng cấu trúc.",
            field="code",
        )


class BadAccount(Invalid):
    code = "bad_account"

    def __init__(self, agency_code: str, reason: str) -> None:
        super().__init__(
            f"The collection account of agency {agency_code} is not usable: {reason}.",
            vi=f"Tài khoản thu của cơ quan {agency_code} không hợp lệ.",
            field="collection_account",
        )


class Empty(Invalid):
    code = "empty_field"

    def __init__(self, where: str, field: str) -> None:
        super().__init__(
            f"{where}: {field} must not be empty.",
            vi=f"{where}: “{field}” không được để trống.",
            field=field,
        )


class BadPeriod(Invalid):
    code = "bad_period"

    def __init__(self, valid_from: date, valid_to: date) -> None:
        super().__init__(
            f"A period from {valid_from} cannot end on {valid_to}.",
            vi=f"Thời hạn bắt đầu {valid_from} không thể kết thúc ngày {valid_to}.",
            field="valid_to",
        )


class BadOpening(Invalid):
    code = "bad_opening"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} opens on weekdays 1 to 7, and closes later than it opens.",
            vi="Giờ phục vụ không hợp lệ.",
            field="openings",
        )


class BadProcessingTime(Invalid):
    code = "bad_processing_time"

    def __init__(self, procedure_code: str) -> None:
        super().__init__(
            f"Procedure {procedure_code} cannot take less than zero days.",
            vi=f"Thời hạn giải quyết của thủ tục {procedure_code} không được âm.",
            field="processing_days",
        )


class RepeatedEntry(Invalid):
    code = "repeated_entry"

    def __init__(self, where: str, value: str) -> None:
        super().__init__(f"{where}: {value} is named twice.", vi=f"{where}: {value} bị lặp lại.")


class UnknownAgency(Invalid):
    code = "unknown_agency"

    def __init__(self, procedure_code: str, agency_code: str) -> None:
        super().__init__(
            f"Procedure {procedure_code} names agency {agency_code}, which is not published.",
            vi=f"Thủ tục {procedure_code} nêu cơ quan {agency_code} chưa được công bố.",
            field="agency_codes",
        )


class TiersNotAscending(Invalid):
    code = "tiers_not_ascending"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where}: every tier must end above the one before, and only the last one is open.",
            vi=f"{where}: các bậc phải tăng dần và chỉ bậc cuối để mở.",
            field="tiers",
        )


class LastTierClosed(Invalid):
    code = "last_tier_closed"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where}: the last tier must be open (up_to null), or some quantity has no price.",
            vi=f"{where}: bậc cuối cùng phải để mở.",
            field="tiers",
        )


class BadAmount(Invalid):
    code = "bad_amount"

    def __init__(self, where: str, field: str) -> None:
        super().__init__(
            f"{where}: {field} must be whole đồng between 0 and 10^15, and a cap above 0.",
            vi=f"{where}: số tiền phải là số đồng nguyên, không âm.",
            field=field,
        )


class TieredDossierFee(Invalid):
    code = "tiered_dossier_fee"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where}: a fee per dossier is one price, without tiers or a cap.",
            vi=f"{where}: mức thu theo hồ sơ chỉ có một giá, không chia bậc, không có mức tối đa.",
            field="tiers",
        )


class BadExemption(Invalid):
    code = "bad_exemption"

    def __init__(self, where: str, group_code: str) -> None:
        super().__init__(
            f"{where}: the exemption of {group_code} must be 1 to 100 percent.",
            vi=f"{where}: mức miễn, giảm cho {group_code} phải từ 1 đến 100 phần trăm.",
            field="exemptions",
        )


class AmbiguousFee(Invalid):
    code = "ambiguous_fee"

    def __init__(self, where: str, first: str, second: str) -> None:
        super().__init__(
            f"{where}: lines {first} and {second} charge the same fee to the same payer twice.",
            vi=f"{where}: dòng {first} và {second} thu trùng một khoản.",
            field="lines",
        )


class OverlappingPeriods(Conflict):
    code = "overlapping_periods"

    def __init__(self, procedure_code: str, first: date, second: date) -> None:
        super().__init__(
            f"Procedure {procedure_code}: the fees from {first} still hold when those from "
            f"{second} begin. End the first period the day before.",
            vi=f"Thủ tục {procedure_code}: hai kỳ thu phí từ {first} và từ {second} chồng nhau.",
            field="valid_to",
        )


class FeeAlreadyPublished(Conflict):
    code = "fee_already_published"

    def __init__(self, procedure_code: str, valid_from: date) -> None:
        super().__init__(
            f"Procedure {procedure_code}: the fees from {valid_from} are published and are never "
            "edited. End that period and give the changed fee a new one.",
            vi=f"Thủ tục {procedure_code}: mức thu từ {valid_from} đã công bố, không được sửa; "
            "hãy kết thúc kỳ cũ và công bố kỳ mới.",
            field="lines",
        )


class PeriodAlreadyOver(Conflict):
    code = "period_already_over"

    def __init__(self, procedure_code: str, valid_from: date, day: date) -> None:
        super().__init__(
            f"Procedure {procedure_code}: the end of the fees from {valid_from} cannot be moved "
            f"from or to {day}, a day already past.",
            vi=f"Thủ tục {procedure_code}: không thể đổi ngày kết thúc đã qua ({day}).",
            field="valid_to",
        )


class AgencyNotFound(NotFound):
    code = "agency_not_found"

    def __init__(self, agency_code: str) -> None:
        super().__init__(
            f"There is no agency {agency_code}.", vi=f"Không có cơ quan mang mã {agency_code}."
        )


class ProcedureNotFound(NotFound):
    code = "procedure_not_found"

    def __init__(self, procedure_code: str) -> None:
        super().__init__(
            f"There is no procedure {procedure_code}.",
            vi=f"Không có thủ tục mang mã {procedure_code}.",
        )


class NoFeesOnThatDay(NotFound):
    code = "no_fees_on_that_day"

    def __init__(self, procedure_code: str, day: date) -> None:
        super().__init__(
            f"No fees of procedure {procedure_code} are published for {day}.",
            vi=f"Chưa công bố mức thu của thủ tục {procedure_code} cho ngày {day}.",
        )

"""Why a check is refused before anything was judged."""

from chassis.errors import Invalid, Unavailable


class NeitherXmlNorPdf(Invalid):
    code = "neither_xml_nor_pdf"

    def __init__(self) -> None:
        super().__init__(
            "A receipt is an XML or a PDF file; this one is neither.",
            vi="Biên lai là tệp XML hoặc PDF; tệp này không phải hai loại đó.",
        )


class ChecksAreBusy(Unavailable):
    code = "checks_are_busy"

    def __init__(self) -> None:
        super().__init__(
            "Many files are being checked just now; try again in a moment.",
            vi="Đang có nhiều tệp chờ kiểm tra; vui lòng thử lại sau giây lát.",
            retry_after_seconds=5,
        )

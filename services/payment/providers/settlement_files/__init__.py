"""The table of settlement file formats. A new one is a file beside this and a line in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from services.payment.domain.settlements.file import Encoding, FileFormat
from services.payment.domain.settlements.row import BadLine, SettlementRow
from services.payment.providers.settlement_files.generic_csv import read_csv
from services.payment.providers.settlement_files.json_lines import read_json_lines
from services.payment.providers.settlement_files.lines import Lines, decode_lines
from services.payment.providers.settlement_files.pipe import base64_or_plain, read_pipe
from services.payment.providers.settlement_files.rows import row_or_bad_line
from services.payment.providers.settlement_files.said import Said
from services.payment.providers.settlement_files.vnpay import read_vnpay

Read = Callable[[Lines], Iterator[Said | BadLine]]

READERS: Final[Mapping[FileFormat, Read]] = {
    FileFormat.CSV: read_csv,
    FileFormat.PIPE: read_pipe,
    FileFormat.VNPAY: read_vnpay,
    FileFormat.JSON_LINES: read_json_lines,
}


class FileReaders:
    """Reads a file line by line, in memory that does not grow with it."""

    def read(
        self, chunks: Iterable[bytes], *, form: FileFormat, encoding: Encoding, now: datetime
    ) -> Iterator[SettlementRow | BadLine]:
        if form is FileFormat.PIPE:
            chunks = base64_or_plain(chunks)
        for one in READERS[form](decode_lines(chunks, encoding)):
            yield one if isinstance(one, BadLine) else row_or_bad_line(one, now=now)

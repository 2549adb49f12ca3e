from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import ReadingScope, TransactionScope
from services.receipt.storage.reports.downloads import SqlDownloads
from services.receipt.storage.reports.entries import SqlEntries
from services.receipt.storage.reports.number_books import SqlNumberBooks
from services.receipt.storage.reports.summaries import SqlSummaries
from services.receipt.storage.series.collecting_bodies import SqlCollectingBodies


class _Reports:
    entries: SqlEntries
    books: SqlNumberBooks
    summaries: SqlSummaries
    downloads: SqlDownloads
    bodies: SqlCollectingBodies

    def bind(self, connection: AsyncConnection) -> None:
        self.entries = SqlEntries(connection)
        self.books = SqlNumberBooks(connection)
        self.summaries = SqlSummaries(connection)
        self.downloads = SqlDownloads(connection)
        self.bodies = SqlCollectingBodies(connection)


class SqlReporting(_Reports, TransactionScope):
    """One transaction."""


class SqlReportReading(_Reports, ReadingScope):
    """For looking only."""

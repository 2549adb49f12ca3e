from services.payment.ports.settlements import (
    Remittances,
    SettlementDays,
    SettlementDifferences,
    SettlementFiles,
    SettlementMatching,
    SettlementRows,
)


class NoSettlements:
    """What works on sets of rows in the database is tried on databases alone."""

    settlement_files: SettlementFiles
    settlement_matching: SettlementMatching
    settlement_differences: SettlementDifferences
    settlement_rows: SettlementRows
    settlement_days: SettlementDays
    remittances: Remittances

"""The comparison itself: what differs between the rows of a day and what they are matched to.

It is computed anew at every run; only what is not on record as it is comes out.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnClause,
    Date,
    Integer,
    String,
    Uuid,
    bindparam,
    column,
    text,
)

from chassis.db import Utc
from services.payment.storage.settlements.tables import SETTLEMENT_DIFFERENCE
from services.payment.storage.settlements.ways import HOLDS_MONEY

_COLUMNS: Final[tuple[ColumnClause[Any], ...]] = (
    column("known_as", Uuid()),
    column("kind", String()),
    column("provider", String()),
    column("moved_on", Date()),
    column("moved_at", Utc()),
    column("provider_reference", String()),
    column("file_id", Uuid()),
    column("line", Integer()),
    column("ours_kind", String()),
    column("ours_id", Uuid()),
    column("agency_code", String()),
    *(
        column(f"{side}_{fact}", BigInteger() if fact in ("amount", "fee") else String())
        for side in ("theirs", "ours")
        for fact in ("amount", "currency", "status", "fee")
    ),
)
_ROW: Final = """
    r.file_id, r.line, r.provider, r.moved_on, r.provider_reference, r.state, r.matched_kind,
    r.matched_id, r.matched_by, r.amount_minor_units, r.currency, r.status, r.fee_minor_units
"""
_PAIR: Final = """
    s.file_id, s.line, s.provider, s.moved_on, s.provider_reference, s.matched_kind, s.matched_id,
    s.matched_by, s.amount_minor_units AS theirs_amount, s.currency AS theirs_currency,
    s.status AS theirs_status, s.fee_minor_units AS theirs_fee, o.agency_code
"""
# By kind of ours: amount, currency, status, and the reference it is known by.
_OURS: Final = (
    (
        "payment",
        "payment_intent",
        "o.amount_minor_units",
        "o.currency",
        "o.status",
        "COALESCE(o.provider_reference, '')",
    ),
    (
        "held",
        "discrepancy",
        "o.received_minor_units",
        "o.currency",
        "'succeeded'",
        "o.provider_reference",
    ),
    (
        "refund",
        "refund",
        "o.amount_minor_units",
        "o.currency",
        "o.status",
        "COALESCE(o.provider_reference, '')",
    ),
)
_PAIRS: Final = " UNION ALL ".join(
    f"""
    SELECT {_PAIR}, {amount} AS ours_amount, {currency} AS ours_currency,
        {status} AS ours_status, {reference} AS ours_reference
    FROM scope s JOIN {table} o ON o.id = s.matched_id WHERE s.matched_kind = '{kind}'
    """
    for kind, table, amount, currency, status, reference in _OURS
)
# The rows of the day and those with an open case, whatever day they are of; then what is found.
_FOUND: Final = f"""
    WITH scope AS (
        SELECT {_ROW} FROM settlement_row r WHERE r.provider = :provider AND r.moved_on = :found_on
        UNION
        SELECT {_ROW} FROM settlement_row r
        JOIN settlement_difference d ON d.file_id = r.file_id AND d.line = r.line
        WHERE d.provider = :provider AND d.state = 'open'
    ),
    pair AS ({_PAIRS}),
    fee AS (
        SELECT p.*,
            (p.theirs_amount * :basis_points + 5000) / 10000 + :fixed AS agreed
        FROM pair p WHERE :rated = 1 AND p.theirs_fee IS NOT NULL AND p.theirs_status = 'succeeded'
    ),
    found AS (
        SELECT CASE s.state WHEN 'unmatched' THEN 'missing_here' ELSE 'duplicate_row' END AS kind,
            s.file_id, s.line, s.provider, s.moved_on, s.provider_reference,
            CAST(NULL AS VARCHAR) AS ours_kind, {{nobody}} AS ours_id,
            CAST(NULL AS VARCHAR) AS agency_code,
            s.amount_minor_units AS theirs_amount, s.currency AS theirs_currency,
            s.status AS theirs_status, s.fee_minor_units AS theirs_fee,
            CAST(NULL AS BIGINT) AS ours_amount, CAST(NULL AS VARCHAR) AS ours_currency,
            CAST(NULL AS VARCHAR) AS ours_status, CAST(NULL AS BIGINT) AS ours_fee
        FROM scope s WHERE s.state IN ('unmatched', 'duplicate')
        UNION ALL
        SELECT 'currency_differs', {{pair}} FROM pair p
        WHERE p.theirs_currency <> p.ours_currency AND p.theirs_status = 'succeeded'
        UNION ALL
        SELECT 'amount_differs', {{pair}} FROM pair p
        WHERE p.theirs_currency = p.ours_currency AND p.theirs_amount <> p.ours_amount
        AND p.theirs_status = 'succeeded'
        UNION ALL
        SELECT 'status_differs', {{pair}} FROM pair p
        WHERE (p.theirs_status = 'succeeded' AND p.ours_status <> 'succeeded')
        OR (p.theirs_status <> 'succeeded' AND p.ours_status = 'succeeded'
            AND p.ours_reference = p.provider_reference)
        UNION ALL
        SELECT 'fee_differs', {{fee}} FROM fee p
        WHERE abs(p.theirs_fee - p.agreed) > :tolerance
    )
"""
_PAIR_FACTS: Final = """
    p.file_id, p.line, p.provider, p.moved_on, p.provider_reference, p.matched_kind, p.matched_id,
    p.agency_code, p.theirs_amount, p.theirs_currency, p.theirs_status, p.theirs_fee,
    p.ours_amount, p.ours_currency, p.ours_status, {fee}
"""
_FOUND_ALL: Final = _FOUND.format(
    nobody="NULLIF(s.file_id, s.file_id)",
    pair=_PAIR_FACTS.format(fee="CAST(NULL AS BIGINT)"),
    fee=_PAIR_FACTS.format(fee="p.agreed"),
)
_OTHER_FACTS: Final = " OR ".join(
    f"f.{side}_{fact} IS DISTINCT FROM d.{side}_{fact}"
    for side in ("theirs", "ours")
    for fact in ("amount", "currency", "status", "fee")
)
_BOUND: Final[tuple[BindParameter[Any], ...]] = (
    bindparam("found_on", type_=Date()),
    *(
        bindparam(name, type_=BigInteger())
        for name in ("basis_points", "fixed", "tolerance", "rated", "limit")
    ),
)

FIND_IN_ROWS: Final = (
    text(
        f"""
        {_FOUND_ALL}
        SELECT d.id AS known_as, f.kind, f.provider, f.moved_on, NULL AS moved_at,
            f.provider_reference, f.file_id, f.line, f.ours_kind, f.ours_id, f.agency_code,
            f.theirs_amount, f.theirs_currency, f.theirs_status, f.theirs_fee,
            f.ours_amount, f.ours_currency, f.ours_status, f.ours_fee
        FROM found f LEFT JOIN settlement_difference d
        ON d.file_id = f.file_id AND d.line = f.line AND d.kind = f.kind
        WHERE d.id IS NULL OR d.state = 'explained' OR {_OTHER_FACTS}
        LIMIT :limit
        """
    )
    .bindparams(*_BOUND)
    .columns(*_COLUMNS)
)
EXPLAINED: Final = (
    text(
        f"""
        {_FOUND_ALL}
        SELECT d.* FROM settlement_difference d
        WHERE d.provider = :provider AND d.state = 'open' AND d.file_id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM found f
            WHERE f.file_id = d.file_id AND f.line = d.line AND f.kind = d.kind
        )
        UNION ALL
        SELECT d.* FROM settlement_difference d
        WHERE d.provider = :provider AND d.state = 'open' AND d.file_id IS NULL
        AND EXISTS (
            SELECT 1 FROM settlement_row t
            WHERE t.matched_kind = d.ours_kind AND t.matched_id = d.ours_id
            AND t.state = 'matched' AND (t.status = 'succeeded' OR t.matched_by = 'reference')
        )
        LIMIT :limit
        """
    )
    .bindparams(*_BOUND)
    .columns(*SETTLEMENT_DIFFERENCE.c)
)
_MISSING: Final = " UNION ALL ".join(
    f"""
    SELECT d.id AS known_as, 'missing_at_provider' AS kind, o.provider, NULL AS moved_on,
        {moment} AS moved_at, {reference} AS provider_reference, d.file_id, d.line,
        '{kind}' AS ours_kind, o.id AS ours_id, o.agency_code,
        d.theirs_amount, d.theirs_currency, d.theirs_status, d.theirs_fee,
        {amount} AS ours_amount, {currency} AS ours_currency, {status} AS ours_status,
        d.ours_fee
    FROM {table} o LEFT JOIN settlement_difference d
    ON d.file_id IS NULL AND d.ours_kind = '{kind}' AND d.ours_id = o.id
    AND d.kind = 'missing_at_provider'
    WHERE o.provider = :provider AND {moment} >= :begins AND {moment} < :ends {only}
    AND NOT EXISTS (
        SELECT 1 FROM settlement_row t
        WHERE t.matched_kind = '{kind}' AND t.matched_id = o.id
        AND t.state = 'matched' AND (t.status = 'succeeded' OR t.matched_by = 'reference')
    )
    AND (d.id IS NULL OR d.state = 'explained' OR {amount} IS DISTINCT FROM d.ours_amount
        OR {currency} IS DISTINCT FROM d.ours_currency
        OR {status} IS DISTINCT FROM d.ours_status)
    """
    for kind, table, amount, currency, status, reference, moment, only in (
        (*_OURS[0], "o.paid_at", "AND o.status = 'succeeded'"),
        (*_OURS[1], "o.found_at", f"AND {HOLDS_MONEY}"),
        # What somebody paid back by hand went another way than through the provider.
        (*_OURS[2], "o.ended_at", "AND o.status = 'succeeded' AND NOT o.by_hand"),
    )
)
FIND_MISSING: Final = (
    text(f"{_MISSING} LIMIT :limit")
    .bindparams(
        bindparam("begins", type_=Utc()),
        bindparam("ends", type_=Utc()),
        bindparam("limit", type_=BigInteger()),
    )
    .columns(*_COLUMNS)
)

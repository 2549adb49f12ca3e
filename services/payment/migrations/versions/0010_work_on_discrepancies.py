"""Discrepancies are worked on; accounts have a chart; balances stop reading all of history.

Entries carry their day (of Vietnam) and agency, so a statement walks along an index. A day that is
over is closed: its totals are written down once, and it takes no more entries.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0010"
down_revision = "0009"

POSTED = ("ledger_entry", "ledger_transaction")
TOTALS = ("ledger_account", "ledger_account_day", "ledger_closed_day")
HISTORY = "discrepancy_event"
SUBJECTS = ("payment_intent_id", "discrepancy_id", "refund_id")
ADDED: dict[str, dict[str, Any]] = {
    "ledger_entry": {"booked_on": sa.Date, "agency_code": sa.String(50)},
    "ledger_transaction": {
        "cause_kind": sa.String(40),
        "booked_on": sa.Date,
        **dict.fromkeys(SUBJECTS, sa.Uuid),
        "agency_code": sa.String(50),
    },
    "discrepancy": {
        "account_agency_code": sa.String(50),
        "assignee": sa.String(100),
        "resolution": sa.String(20),
        "resolved_by": sa.String(100),
        "resolved_at": Utc,
        "applied_to_intent_id": sa.Uuid,
        "asked": Document,
        "overdue_said_at": Utc,
    },
}
OF_AN_AGENCY = ("agency", "treasury", "cash", "cash-difference", "refunds-payable")
WITHIN = """
    applied_minor_units >= 0 AND cleared_minor_units >= 0
    AND refunded_minor_units + applied_minor_units + cleared_minor_units <= received_minor_units
"""

# --- PostgreSQL

SEGMENT = "[A-Za-z0-9][A-Za-z0-9._-]{0,49}"
REVENUE = "phi|le_phi|gia_dich_vu"
CHART = (
    f"provider:{SEGMENT}:(clearing|fees)",
    "bank:[0-9]{3,8}:[A-Za-z0-9]{1,30}",
    f"cash:{SEGMENT}:[A-Za-z0-9][A-Za-z0-9._-]{{0,39}}",
    f"cash-difference:{SEGMENT}",
    f"agency:{SEGMENT}:({REVENUE})",
    f"treasury:{SEGMENT}:({REVENUE}|unclaimed)",
    f"refunds-payable(:{SEGMENT})?",
    "suspense:discrepancy",
)
POSTGRESQL_FILL = (
    """
    UPDATE ledger_transaction SET cause_kind = split_part(cause, ':', 1),
        booked_on = (posted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    """,
    """
    UPDATE ledger_transaction t SET payment_intent_id = i.id, agency_code = i.agency_code
    FROM payment_intent i WHERE t.cause = 'payment_intent:' || i.id::text
    """,
    """
    UPDATE ledger_transaction t SET payment_intent_id = d.payment_intent_id,
        discrepancy_id = d.id, agency_code = d.agency_code
    FROM discrepancy d WHERE t.cause = 'discrepancy:' || d.id::text
    """,
    """
    UPDATE ledger_entry e SET booked_on = t.booked_on,
        agency_code = CASE WHEN account LIKE 'agency:%' THEN split_part(account, ':', 2) END
    FROM ledger_transaction t WHERE t.id = e.ledger_transaction_id
    """,
)
POSTGRESQL_CHECKS = (
    f"""
    ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_chart_check
    CHECK (account ~ '^({"|".join(CHART)})$')
    """,
    f"""
    ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_agency_check
    CHECK (agency_code IS NOT DISTINCT FROM CASE
        WHEN split_part(account, ':', 1) IN {OF_AN_AGENCY}
        THEN nullif(split_part(account, ':', 2), '') END)
    """,
    f"ALTER TABLE discrepancy ADD CONSTRAINT discrepancy_money_once_check CHECK ({WITHIN})",
)
# The shared lock lets any number of postings of a day go on together, and holds up only who
# closes that day: so nothing can be posted into a day that is being added up.
POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION book_ledger_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.booked_on IS DISTINCT FROM (NEW.posted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
        OR EXISTS (SELECT 1 FROM ledger_entry WHERE ledger_transaction_id = NEW.id
                   AND booked_on IS DISTINCT FROM NEW.booked_on) THEN
            RAISE EXCEPTION 'the ledger transaction is booked on another day'
            USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        PERFORM pg_advisory_xact_lock_shared(1279609671, NEW.booked_on - DATE '2000-01-01');
        IF NEW.booked_on <= (SELECT max(day) FROM ledger_closed_day) THEN
            RAISE EXCEPTION 'the day is closed'
            USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_transaction_booked BEFORE INSERT ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION book_ledger_transaction()
    """,
    """
    CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the history is append-only'
        USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
)


def _postgresql_append_only(table: str, refuse: str) -> list[str]:
    return [
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {refuse}()
        """,
        f"""
        CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {refuse}()
        """,
    ]


# --- SQLite: it has one writer at a time, and no regular expressions.


def _segment(part: str) -> str:
    letters = f"{part} GLOB '[A-Za-z0-9]*' AND {part} NOT GLOB '*[^A-Za-z0-9._-]*'"
    return f"({letters} AND length({part}) <= 50)"


_ONE, _TWO = _segment("one"), _segment("two")
_KINDS = "'phi', 'le_phi', 'gia_dich_vu'"
SQLITE_CHART = f"""
    CREATE TRIGGER ledger_entry_in_chart BEFORE INSERT ON ledger_entry
    BEGIN
        SELECT CASE
        WHEN NOT coalesce(CASE head
            WHEN 'provider' THEN {_ONE} AND two IN ('clearing', 'fees')
            WHEN 'bank' THEN one NOT GLOB '*[^0-9]*' AND length(one) BETWEEN 3 AND 8
                AND two NOT GLOB '*[^A-Za-z0-9]*' AND length(two) BETWEEN 1 AND 30
            WHEN 'cash' THEN {_ONE} AND {_TWO} AND length(two) <= 40
            WHEN 'cash-difference' THEN {_ONE} AND two IS NULL
            WHEN 'agency' THEN {_ONE} AND two IN ({_KINDS})
            WHEN 'treasury' THEN {_ONE} AND two IN ({_KINDS}, 'unclaimed')
            WHEN 'refunds-payable' THEN two IS NULL AND (one IS NULL OR {_ONE})
            WHEN 'suspense' THEN one = 'discrepancy' AND two IS NULL END, 0)
        THEN RAISE(ABORT, 'the account is outside the chart')
        WHEN NEW.agency_code IS NOT CASE WHEN head IN {OF_AN_AGENCY} THEN one END
        THEN RAISE(ABORT, 'the entry is another agency''s') END
        FROM (
            SELECT head,
                   CASE instr(rest, ':') WHEN 0 THEN rest
                   ELSE substr(rest, 1, instr(rest, ':') - 1) END AS one,
                   CASE instr(rest, ':') WHEN 0 THEN NULL
                   ELSE substr(rest, instr(rest, ':') + 1) END AS two
            FROM (
                SELECT CASE instr(NEW.account, ':') WHEN 0 THEN NEW.account
                       ELSE substr(NEW.account, 1, instr(NEW.account, ':') - 1) END AS head,
                       CASE instr(NEW.account, ':') WHEN 0 THEN NULL
                       ELSE substr(NEW.account, instr(NEW.account, ':') + 1) END AS rest
            )
        );
    END
"""  # noqa: S608
SQLITE_DAY = """
    CREATE TRIGGER ledger_transaction_on_open_day BEFORE INSERT ON ledger_transaction
    BEGIN
        SELECT RAISE(ABORT, 'the ledger transaction is booked on another day')
        WHERE NEW.booked_on IS NOT date(NEW.posted_at, '+7 hours') OR EXISTS (
            SELECT 1 FROM ledger_entry
            WHERE ledger_transaction_id = NEW.id AND booked_on IS NOT NEW.booked_on
        );
        SELECT RAISE(ABORT, 'the day is closed')
        WHERE NEW.booked_on <= (SELECT max(day) FROM ledger_closed_day);
    END
"""
SQLITE_FILL = (
    """
    UPDATE ledger_transaction SET cause_kind = substr(cause, 1, instr(cause || ':', ':') - 1),
        booked_on = date(posted_at, '+7 hours')
    """,
    """
    UPDATE ledger_transaction SET (payment_intent_id, agency_code) = (
        SELECT id, agency_code FROM payment_intent
        WHERE id = replace(substr(ledger_transaction.cause, 16), '-', '')
    ) WHERE cause_kind = 'payment_intent'
    """,
    """
    UPDATE ledger_transaction SET (payment_intent_id, discrepancy_id, agency_code) = (
        SELECT payment_intent_id, id, agency_code FROM discrepancy
        WHERE id = replace(substr(ledger_transaction.cause, 13), '-', '')
    ) WHERE cause_kind = 'discrepancy'
    """,
    """
    UPDATE ledger_entry SET
        booked_on = (SELECT booked_on FROM ledger_transaction WHERE id = ledger_transaction_id),
        agency_code = CASE WHEN account LIKE 'agency:%'
                           THEN substr(account, 8, instr(substr(account, 8), ':') - 1) END
    """,
)


def _sqlite_append_only(table: str, what: str, *changes: str) -> list[str]:
    return [
        f"""
        CREATE TRIGGER {table}_not_{change.lower()}d BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, 'the {what} is append-only'); END
        """
        for change in changes
    ]


def upgrade() -> None:
    postgresql = op.get_context().dialect.name == "postgresql"
    _create_tables()
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind))
    _widen_discrepancy(postgresql=postgresql)
    _widen_ledger()
    if postgresql:
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_postgresql() -> None:
    # What is posted is filled in once; a table whose keys are still to be checked is not altered.
    _run(
        *(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only" for table in POSTED),
        *POSTGRESQL_FILL,
        "SET CONSTRAINTS ALL IMMEDIATE",
        *(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only" for table in POSTED),
        *POSTGRESQL_CHECKS,
        *POSTGRESQL_GUARDS,
        *_postgresql_append_only(HISTORY, "refuse_history_change"),
    )
    for table in TOTALS:
        _run(*_postgresql_append_only(table, "refuse_ledger_change"))


def _guard_sqlite() -> None:
    _run(*(f"DROP TRIGGER {table}_not_updated" for table in POSTED), *SQLITE_FILL)
    for table in POSTED:
        _run(*_sqlite_append_only(table, "ledger", "UPDATE"))
    for table in TOTALS:
        _run(*_sqlite_append_only(table, "ledger", "UPDATE", "DELETE"))
    _run(*_sqlite_append_only(HISTORY, "history", "UPDATE", "DELETE"), SQLITE_CHART, SQLITE_DAY)


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        _run(
            "DROP FUNCTION book_ledger_transaction() CASCADE",
            "DROP FUNCTION refuse_history_change() CASCADE",
            "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_chart_check",
            "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_agency_check",
            "ALTER TABLE discrepancy DROP CONSTRAINT discrepancy_money_once_check",
        )
    else:
        _run("DROP TRIGGER ledger_entry_in_chart", "DROP TRIGGER ledger_transaction_on_open_day")
    for table in (HISTORY, *TOTALS):
        op.drop_table(table)
    _narrow()


def _run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement)


def _book() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("account", sa.String(100), primary_key=True),
        sa.Column("currency", sa.String(3), primary_key=True),
    )


def _create_tables() -> None:
    op.create_table(
        "ledger_account",
        *_book(),
        sa.Column("agency_code", sa.String(50)),
        sa.Column("opened_on", sa.Date, nullable=False),
    )
    op.create_table(
        "ledger_account_day",
        *_book(),
        sa.Column("day", sa.Date, primary_key=True),
        *(
            sa.Column(name, Big, nullable=False)
            for name in ("debits", "credits", "debits_to_date", "credits_to_date")
        ),
    )
    op.create_table(
        "ledger_closed_day",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("closed_at", Utc, nullable=False),
    )
    op.create_table(
        "discrepancy_event",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("discrepancy_id", sa.Uuid, sa.ForeignKey("discrepancy.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by_subject", sa.String(100), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("facts", Document, nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("request_fingerprint", sa.String(64)),
        sa.UniqueConstraint("discrepancy_id", "idempotency_key"),
        sa.Index("discrepancy_event_discrepancy_id_id_idx", "discrepancy_id", "id"),
    )


def _widen_discrepancy(*, postgresql: bool) -> None:
    zero: dict[str, Any] = {"nullable": False, "server_default": "0"}
    op.add_column("discrepancy", sa.Column("applied_minor_units", Big, **zero))
    if postgresql:
        op.add_column("discrepancy", sa.Column("cleared_minor_units", Big, **zero))
    else:
        # SQLite takes a constraint with a new column only.
        op.execute(
            "ALTER TABLE discrepancy ADD COLUMN cleared_minor_units INTEGER DEFAULT '0' NOT NULL"
            f" CONSTRAINT discrepancy_money_once_check CHECK ({WITHIN})"
        )
    op.create_index(
        "discrepancy_account_agency_code_id_idx", "discrepancy", ["account_agency_code", "id"]
    )
    op.create_index(
        "payment_intent_payee_idx",
        "payment_intent",
        ["payee_account_number", "payee_bank_bin", "agency_code"],
    )


def _widen_ledger() -> None:
    for subject in SUBJECTS:
        known = sa.text(f"{subject} IS NOT NULL")
        op.create_index(
            f"ledger_transaction_{subject}_idx",
            "ledger_transaction",
            [subject],
            postgresql_where=known,
            sqlite_where=known,
        )
    op.drop_index("ledger_entry_account_idx", "ledger_entry")
    order = ["booked_on", "ledger_transaction_id", "line"]
    op.create_index("ledger_entry_account_idx", "ledger_entry", ["account", "currency", *order])
    op.create_index("ledger_entry_booked_on_idx", "ledger_entry", ["booked_on"])
    has_agency = sa.text("agency_code IS NOT NULL")
    op.create_index(
        "ledger_entry_agency_code_idx",
        "ledger_entry",
        ["agency_code", *order],
        postgresql_where=has_agency,
        sqlite_where=has_agency,
    )


def _narrow() -> None:
    indexes = [("payment_intent", "payee"), ("discrepancy", "account_agency_code_id")]
    indexes += [("ledger_entry", name) for name in ("agency_code", "booked_on", "account")]
    indexes += [("ledger_transaction", subject) for subject in SUBJECTS]
    for table, name in indexes:
        op.drop_index(f"{table}_{name}_idx", table)
    op.create_index("ledger_entry_account_idx", "ledger_entry", ["account", "currency"])
    # The first to go takes the constraint on the money along.
    for money in ("cleared", "applied"):
        op.drop_column("discrepancy", f"{money}_minor_units")
    for table, columns in ADDED.items():
        for column in reversed(columns):
            op.drop_column(table, column)

"""Let the database itself keep the ledger balanced and append-only.

Entries are inserted first, their transaction after them; inserting the transaction weighs its
entries, and from then on it takes no more. Nothing in either table is changed or removed, ever.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("ledger_entry", "ledger_transaction")

POSTGRESQL = (
    """
    CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only'
        USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE FUNCTION weigh_ledger_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        lines bigint;
        currencies bigint;
        difference numeric;
    BEGIN
        SELECT count(*), count(DISTINCT currency),
               sum(CASE direction WHEN 'debit' THEN amount_minor_units ELSE -amount_minor_units END)
        INTO lines, currencies, difference
        FROM ledger_entry WHERE ledger_transaction_id = NEW.id;
        IF lines < 2 OR currencies <> 1 OR difference <> 0 THEN
            RAISE EXCEPTION 'the ledger transaction is not balanced'
            USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    # The lock makes two writers to one transaction take turns: without it, neither would see
    # what the other has not committed yet, and an entry could slip in after the weighing.
    """
    CREATE FUNCTION refuse_entry_of_sealed_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended(NEW.ledger_transaction_id::text, 0));
        IF EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.ledger_transaction_id) THEN
            RAISE EXCEPTION 'the ledger transaction is sealed'
            USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_transaction_balanced BEFORE INSERT ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION weigh_ledger_transaction()
    """,
    """
    CREATE TRIGGER ledger_entry_unsealed BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_entry_of_sealed_transaction()
    """,
    *(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()
        """
        for table in TABLES
    ),
    *(
        f"""
        CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """
        for table in TABLES
    ),
)

SQLITE = (
    # INSERT OR REPLACE would remove a row without asking the triggers on DELETE.
    """
    CREATE TRIGGER ledger_transaction_balanced BEFORE INSERT ON ledger_transaction
    BEGIN
        SELECT RAISE(ABORT, 'the ledger is append-only')
        WHERE EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.id OR cause = NEW.cause);
        SELECT RAISE(ABORT, 'the ledger transaction is not balanced')
        FROM (
            SELECT count(*) AS lines, count(DISTINCT currency) AS currencies,
                   sum(CASE direction WHEN 'debit' THEN amount_minor_units
                       ELSE -amount_minor_units END) AS difference
            FROM ledger_entry WHERE ledger_transaction_id = NEW.id
        )
        WHERE lines < 2 OR currencies <> 1 OR difference <> 0;
    END
    """,
    """
    CREATE TRIGGER ledger_entry_unsealed BEFORE INSERT ON ledger_entry
    BEGIN
        SELECT RAISE(ABORT, 'the ledger transaction is sealed')
        WHERE EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.ledger_transaction_id);
    END
    """,
    *(
        f"""
        CREATE TRIGGER {table}_not_{change.lower()}d BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
        """
        for table in TABLES
        for change in ("UPDATE", "DELETE")
    ),
)


def upgrade() -> None:
    postgresql = op.get_context().dialect.name == "postgresql"
    for statement in POSTGRESQL if postgresql else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for function in (
            "weigh_ledger_transaction",
            "refuse_entry_of_sealed_transaction",
            "refuse_ledger_change",
        ):
            op.execute(f"DROP FUNCTION {function}() CASCADE")
        return
    op.execute("DROP TRIGGER ledger_transaction_balanced")
    op.execute("DROP TRIGGER ledger_entry_unsealed")
    for table in TABLES:
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_not_{change}d")

"""Clients, payers, confirmations, the nonces that guard them, and evidence that cannot change."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0001"
down_revision = None

APPEND_ONLY = ("evidence", "evidence_link")
TABLES = (
    "inbox",
    "outbox",
    "confirmation",
    "device_key",
    "enrolment_challenge",
    "session",
    "account",
    "evidence_link",
    "evidence",
    "nonce",
    "client_key",
    "client",
)


def upgrade() -> None:
    _create_clients()
    _create_evidence()
    _create_accounts()
    _create_confirmations()
    _create_outbox_and_inbox()
    for table in APPEND_ONLY:
        _make_append_only(table)


def downgrade() -> None:
    for table in APPEND_ONLY:
        _make_changeable(table)
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _create_clients() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("client_class", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(32)),
        sa.Column("registered_at", Utc, nullable=False),
        sa.CheckConstraint(
            "(client_class = 'bank') = (provider IS NOT NULL)", name="bank_has_provider"
        ),
        sa.UniqueConstraint("provider", name="client_provider_key"),
        sa.PrimaryKeyConstraint("id", name="client_pkey"),
    )
    op.create_table(
        "client_key",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("algorithm", sa.String(32), nullable=False),
        sa.Column("public_jwk", Document, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("registered_at", Utc, nullable=False),
        sa.Column("revoked_at", Utc),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked_has_time"
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="client_key_client_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="client_key_pkey"),
    )
    op.create_index("client_key_client_id_idx", "client_key", ["client_id"])
    op.create_table(
        "nonce",
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(128), nullable=False),
        sa.Column("base_hash", sa.String(64), nullable=False),
        sa.Column("evidence_id", sa.Uuid),
        sa.Column("expires_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "nonce", name="nonce_pkey"),
    )
    op.create_index("nonce_expires_at_idx", "nonce", ["expires_at"])


def _create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.Column("payment_intent_id", sa.Uuid),
        sa.Column("record", Document, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("signature_base", sa.LargeBinary),
        sa.Column("shown_text", sa.Text),
        sa.PrimaryKeyConstraint("id", name="evidence_pkey"),
    )
    _create_partial_index(
        "evidence_payment_intent_id_idx",
        "evidence",
        ["payment_intent_id"],
        where="payment_intent_id IS NOT NULL",
    )
    op.create_table(
        "evidence_link",
        sa.Column("evidence_id", sa.Uuid, nullable=False),
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("dossier_id", sa.Uuid),
        sa.Column("linked_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name="evidence_link_evidence_id_fkey"
        ),
        sa.PrimaryKeyConstraint("evidence_id", "payment_intent_id", name="evidence_link_pkey"),
    )
    op.create_index("evidence_link_payment_intent_id_idx", "evidence_link", ["payment_intent_id"])


def _create_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("totp_sealed", sa.Text, nullable=False),
        sa.Column("code_state", sa.String(16), nullable=False),
        sa.Column("last_step", Big, nullable=False),
        sa.Column("wrong_tries", sa.Integer, nullable=False),
        sa.Column("locked_until", Utc),
        sa.Column("pairwise_salt", sa.String(64), nullable=False),
        sa.Column("opened_at", Utc, nullable=False),
        sa.UniqueConstraint("username", name="account_username_key"),
        sa.PrimaryKeyConstraint("id", name="account_pkey"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("revoked_at", Utc),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="session_user_id_fkey"),
        sa.UniqueConstraint("token_hash", name="session_token_hash_key"),
        sa.PrimaryKeyConstraint("id", name="session_pkey"),
    )
    op.create_index("session_user_id_idx", "session", ["user_id"])
    op.create_index("session_expires_at_idx", "session", ["expires_at"])
    op.create_table(
        "enrolment_challenge",
        sa.Column("text", sa.String(128), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("used_at", Utc),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account.id"], name="enrolment_challenge_user_id_fkey"
        ),
        sa.PrimaryKeyConstraint("text", name="enrolment_challenge_pkey"),
    )
    op.create_table(
        "device_key",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("public_jwk", Document, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("enrolled_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="device_key_user_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="device_key_pkey"),
    )
    op.create_index("device_key_user_id_idx", "device_key", ["user_id"])


def _create_confirmations() -> None:
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("intent_bytes", sa.LargeBinary, nullable=False),
        sa.Column("shown_text", sa.Text, nullable=False),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("jws", sa.Text),
        sa.Column("device_key_id", sa.String(64)),
        sa.Column("totp_step", Big),
        sa.Column("evidence_id", sa.Uuid),
        sa.Column("assurance", sa.String(64)),
        sa.Column("confirmed_at", Utc),
        sa.CheckConstraint("amount_minor_units > 0", name="amount_positive"),
        sa.CheckConstraint(
            "(status = 'confirmed') = (evidence_id IS NOT NULL)", name="confirmed_has_evidence"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="confirmation_user_id_fkey"),
        sa.ForeignKeyConstraint(
            ["device_key_id"], ["device_key.id"], name="confirmation_device_key_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name="confirmation_evidence_id_fkey"
        ),
        sa.UniqueConstraint("evidence_id", name="confirmation_evidence_id_key"),
        sa.PrimaryKeyConstraint("id", name="confirmation_pkey"),
    )
    _create_partial_index(
        "confirmation_open_key",
        "confirmation",
        ["payment_intent_id", "user_id"],
        where="status = 'open'",
        unique=True,
    )
    _create_partial_index(
        "confirmation_confirmed_key",
        "confirmation",
        ["payment_intent_id"],
        where="status = 'confirmed'",
        unique=True,
    )
    _create_partial_index(
        "confirmation_overdue_idx", "confirmation", ["expires_at"], where="status = 'open'"
    )


def _create_outbox_and_inbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
    )
    op.create_index("outbox_stored_at_idx", "outbox", ["stored_at"])
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("consumer", sa.String(100), nullable=False),
        sa.Column("claimed_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("event_id", "consumer", name="inbox_pkey"),
    )
    op.create_index("inbox_claimed_at_idx", "inbox", ["claimed_at"])


def _create_partial_index(
    name: str, table: str, columns: list[str], *, where: str, unique: bool = False
) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )


def _make_append_only(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
        for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{event.split()[0].lower()} "
                f"BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _make_changeable(table: str) -> None:
    # Dropping a table empties it on SQLite, which the triggers would refuse.
    if op.get_bind().dialect.name == "postgresql":
        for event in ("update", "truncate"):
            op.execute(f"DROP TRIGGER {table}_refuse_{event} ON {table}")
        return
    for event in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_refuse_{event}")

"""The books, the moves and the timers; what is written there is never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ONCE_A_CONTRACT = "contract_id <> 0 AND reason IN ('fund', 'release', 'fee', 'fee_tax', 'withholding', 'refund')"
APPEND_ONLY = ("transfers", "entries", "transitions", "audit")
COUNTER_SQLITE = (
    "CREATE TABLE ids (one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), last BIGINT NOT NULL)",
    "INSERT INTO ids (one, last) VALUES (1, 0)",
)
REFUSE_POSTGRESQL = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
)


def upgrade() -> None:
    for create in (accounts, transfers, entries, transitions, audit, timers):
        create()
    if op.get_bind().dialect.name == "sqlite":
        run(*COUNTER_SQLITE, *(refuse_sqlite(table, act) for table in APPEND_ONLY for act in ("UPDATE", "DELETE")))
    else:
        acts = ("UPDATE", "DELETE", "TRUNCATE")
        run("CREATE SEQUENCE ids", REFUSE_POSTGRESQL, *(refuse(table, act) for table in APPEND_ONLY for act in acts))


def run(*statements: str) -> None:
    for statement in statements:
        # Past the driver's own reading of percent signs and colons.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%") if "$$" in statement else statement)


def refuse_sqlite(table: str, act: str) -> str:
    return (
        f"CREATE TRIGGER {table}_refuse_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def refuse(table: str, act: str) -> str:
    return (
        f"CREATE TRIGGER {table}_refuse_{act.lower()} BEFORE {act} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance >= floor", name=op.f("ck_accounts_floor")),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_accounts")),
    )


def transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0 AND amount <= 9007199254740991", name=op.f("ck_transfers_amount")),
        sa.CheckConstraint("source <> target", name=op.f("ck_transfers_two_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("key", name=op.f("uq_transfers_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_transfers_cause"), "transfers", ["cause"], unique=False)
    op.create_index(op.f("ix_transfers_contract_id"), "transfers", ["contract_id"], unique=False)
    op.create_index(op.f("ix_transfers_source"), "transfers", ["source"], unique=False)
    op.create_index(op.f("ix_transfers_target"), "transfers", ["target"], unique=False)
    op.create_index(
        "uq_transfers_once_a_contract",
        "transfers",
        ["contract_id", "reason"],
        unique=True,
        sqlite_where=sa.text(ONCE_A_CONTRACT),
        postgresql_where=sa.text(ONCE_A_CONTRACT),
    )


def entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.Column("account_version", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_entries_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("account", "account_version", name=op.f("uq_entries_account_account_version")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_entries_transfer_id"), "entries", ["transfer_id"], unique=False)


def transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transitions")),
        sa.UniqueConstraint("noun", "thing_id", "version", name=op.f("uq_transitions_noun_thing_id_version")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_transitions_cause"), "transitions", ["cause"], unique=False)


def audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )


def timers() -> None:
    op.create_table(
        "timers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
        sa.UniqueConstraint("noun", "thing_id", "name", name=op.f("uq_timers_noun_thing_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_timers_due_at_timers_id"), "timers", ["due_at", "id"], unique=False)

"""The watch: a process that looks, twice a second, how much waits and whether the database answers."""

import time

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from chaos.journal import Journal
from chaos.plan import Plan

LOOK_SECONDS = 0.5
WAITING = text("""
SELECT (SELECT count(*) FROM inbox WHERE state = 'new') AS events,
       (SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed')) AS messages,
       (SELECT count(*) FROM operations WHERE state IN ('planned', 'claimed', 'ambiguous')) AS errands,
       (SELECT count(*) FROM timers WHERE due_at <= now()) AS timers,
       (SELECT count(*) FROM timers WHERE due_at > now() AND name = 'pay_out') AS to_come,
       (SELECT count(*) FROM payouts WHERE stage = 'sent') AS unconfirmed,
       (SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND now() - state_change > interval '1 second'
          AND (state LIKE 'idle in transaction%' OR wait_event_type = 'Lock')) AS stuck
""")
# Claims are watched by the database itself: who claims a row, and who writes back what became of it.
WATCH = "CREATE TRIGGER chaos_witness AFTER UPDATE OF state, fence"
WITNESS = (
    "CREATE TABLE chaos_said (id bigint PRIMARY KEY, recipient text, payload text)",
    "CREATE TABLE chaos_claims (box text, row_id bigint, holder text, PRIMARY KEY (box, row_id))",
    "CREATE TABLE chaos_trespasses (box text, row_id bigint, holder text, writer text, became text)",
    "CREATE TABLE chaos_takeovers (box text, row_id bigint, before text, now text)",
    """
    CREATE FUNCTION chaos_witness() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE me text := current_setting('application_name');
    BEGIN
        IF NEW.fence > OLD.fence THEN
            IF OLD.state = 'claimed' THEN
                INSERT INTO chaos_takeovers SELECT box, row_id, holder, me FROM chaos_claims
                WHERE box = TG_TABLE_NAME AND row_id = NEW.id;
            END IF;
            INSERT INTO chaos_claims VALUES (TG_TABLE_NAME, NEW.id, me)
            ON CONFLICT (box, row_id) DO UPDATE SET holder = EXCLUDED.holder;
        ELSE
            INSERT INTO chaos_trespasses SELECT box, row_id, holder, me, NEW.state FROM chaos_claims
            WHERE box = TG_TABLE_NAME AND row_id = NEW.id AND (holder <> me OR OLD.state <> 'claimed');
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION chaos_listener() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO chaos_said VALUES (NEW.id, NEW.recipient, NEW.payload);
        RETURN NULL;
    END $$
    """,
    # The product itself forgets what it said.
    "CREATE TRIGGER chaos_listener AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION chaos_listener()",
    # Not of other columns: who a message was to is taken out of it when they leave, whoever sent it.
    f"{WATCH} ON outbox FOR EACH ROW EXECUTE FUNCTION chaos_witness()",
    f"{WATCH} ON operations FOR EACH ROW EXECUTE FUNCTION chaos_witness()",
)


def post_witness(engine: Engine) -> None:
    with engine.begin() as connection:
        for statement in WITNESS:
            connection.exec_driver_sql(statement)


def run(plan: Plan, engine: Engine) -> None:
    """Until it is killed."""
    journal = Journal(plan.journal("watch"))
    while True:
        look(journal, engine)
        time.sleep(LOOK_SECONDS)


def look(journal: Journal, engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            journal.note("waiting", **connection.execute(WAITING).one()._asdict())
    except DBAPIError as error:
        journal.note("away", error=type(error.orig).__name__)

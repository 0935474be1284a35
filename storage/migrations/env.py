"""Run by Alembic: on SQLite inside the transaction that storage/database.py has begun, all steps or none; on PostgreSQL
each step in a transaction of its own, so that nothing is held for longer than one of them takes."""

from alembic import context

from storage.tables import metadata

settings = context.config.attributes
report = settings["report"]
context.configure(
    connection=settings["connection"],
    target_metadata=metadata,
    version_table=settings["version_table"],
    transaction_per_migration=True,
    # Each step says its own line when it has been done.
    on_version_apply=lambda step, **_: report and report(f"{step.up_revision_id} {step.up_revision.doc}"),
)
with context.begin_transaction():
    context.run_migrations()

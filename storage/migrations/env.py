"""Run by Alembic, inside the transaction that storage/database.py has begun: all steps of a migration or none."""

from alembic import context

from storage.tables import metadata

settings = context.config.attributes
report = settings["report"]
context.configure(
    connection=settings["connection"],
    target_metadata=metadata,
    # Each step says its own line when it has been done.
    on_version_apply=lambda step, **_: report and report(f"{step.up_revision_id} {step.up_revision.doc}"),
)
context.run_migrations()

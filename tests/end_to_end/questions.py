"""Run with the code of any release: what each person who is in the middle of a conversation is being asked."""

import json
import sys
from datetime import UTC, datetime

from sqlalchemy import select

from conversations.flow import Ask
from conversations.replay import replay
from storage.database import open_database
from storage.store import work
from storage.tables import conversations

if __name__ == "__main__":
    engine = open_database(sys.argv[1])
    with engine.connect() as connection:
        talking = list(connection.scalars(select(conversations.c.user_id).where(conversations.c.flow != "")))
    asked = {}
    with work(engine, datetime.now(UTC), "look") as store:
        for user_id in talking:
            saved = store.saved(user_id)
            reached = replay(store, user_id, saved)
            assert isinstance(reached, Ask), f"{saved.flow} asks nothing: {reached}"
            question = reached.question
            options = [option.value for option in question.options]
            asked[user_id] = [saved.flow, list(saved.answers), question.key, question.kind, options, question.optional]
    print(json.dumps(asked))  # noqa: T201 - read by the test that runs it

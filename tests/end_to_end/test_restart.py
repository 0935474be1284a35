"""Servers come and go, by order and by kill -9; conversations go on, and nothing is worked through twice."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, FromClause, func, make_url, select, text

import headless
from playground.hands import says, taps
from playground.phone import Phone
from playground.screen import Bubble
from playground.story import Cast, lines, scenes
from storage.check import check
from storage.database import open_database
from storage.tables import inbox, jobs, outbox
from tests.end_to_end import platforms, served

PEOPLE = headless.people_for("line", "slack", "telegram", "ja")
BURST = 20
# All but the payout: a server of its own keeps the machine's time.
SMALL_STORY = ("meet", "post", "apply", "hire", "agree", "fund", "deliver", "accept", "review", "thank", "moderate")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'arigato.db'}"


def counted(database_url: str, *tables: FromClause) -> list[int]:
    """How many rows there are of each."""
    engine = open_database(database_url)
    with engine.connect() as connection:
        found = [connection.scalar(select(func.count()).select_from(each)) or 0 for each in tables]
    engine.dispose()
    return found


def violations(database_url: str) -> list[str]:
    engine = open_database(database_url)
    with engine.connect() as connection:
        found = [f"{violation.rule}: {violation.what}" for violation in check(connection)]
    engine.dispose()
    return found


def test_conversation_goes_on_after_a_restart(tmp_path: Path, database_url: str) -> None:
    with platforms.standing(database_url, PEOPLE[3:]) as stand:
        client = stand.phone(PEOPLE[0])
        with served.serving(tmp_path, stand.settings):
            client.follows()
            says(client, lines(client)["sentence"])
            client.sees(lines(client)["title"])

        with served.serving(tmp_path, stand.settings):
            taps(client, "post_job.go")
            client.sees("J-")

            served.settled(database_url)

    assert counted(database_url, jobs) == [1]
    assert violations(database_url) == []


@pytest.mark.slow
def test_event_is_worked_through_once_after_a_kill(tmp_path: Path, database_url: str) -> None:
    with platforms.standing(database_url, PEOPLE[3:]) as stand:
        client = stand.phone(PEOPLE[0])
        # Only the door is open: the event is answered for and nobody has worked on it when the process dies.
        with served.serving(tmp_path, stand.settings, "web") as [door]:
            client.follows()
            client.says(lines(client)["sentence"])
            door.killed()
        new = select(inbox.c.id).where(inbox.c.state == "new").subquery()
        kept = counted(database_url, new)

        with served.serving(tmp_path, stand.settings):
            client.sees("30,000")
            served.settled(database_url)

    # The welcome, and one card.
    assert kept == [2]
    assert [bubble.says("30,000") for bubble in told(client)] == [False, True]
    assert violations(database_url) == []


def told(phone: Phone) -> list[Bubble]:
    return [bubble for bubble in phone.screen().bubbles if not bubble.mine]


@pytest.mark.slow
def test_burst_survives_a_kill_in_the_middle(tmp_path: Path, database_url: str) -> None:
    with platforms.standing(database_url, PEOPLE[3:]) as stand:
        client = stand.phone(PEOPLE[0])
        with served.serving(tmp_path, stand.settings) as [server]:
            client.follows()
            client.sees("")
            for number in range(BURST):
                client.says(f"/view J-{number:07d}")
            server.killed()

        with served.serving(tmp_path, stand.settings):
            served.settled(database_url)

    # One answer to each, and the welcome; LINE's people get each of them once.
    unsent = select(outbox.c.id).where(outbox.c.state != "sent").subquery()
    events, waiting = counted(database_url, inbox, unsent)
    assert (events, waiting) == (BURST + 1, 0)
    assert len(told(client)) == BURST + 1
    assert violations(database_url) == []


@pytest.mark.slow
@pytest.mark.postgres
def test_three_processes_share_the_work(tmp_path: Path, postgres_url: str) -> None:
    with (
        platforms.standing(postgres_url, PEOPLE[3:]) as stand,
        served.serving(tmp_path, stand.settings, "web") as [door],
    ):
        alone = door.get("/readyz")
        elsewhere = {**stand.settings, "ARIGATO_PORT": ""}
        with served.serving(tmp_path, elsewhere, "worker", "clock"):
            served.until(lambda: served.ready(door), lambda: door.get("/readyz").text)
            played = small_story(stand.cast(PEOPLE))
            served.settled(postgres_url)

    assert (alone.status_code, alone.json()["ready"]) == (503, False)
    assert alone.json()["problems"] == ["the worker does not beat", "the clock does not beat"]
    assert played == list(SMALL_STORY)
    assert violations(postgres_url) == []


def small_story(cast: Cast) -> list[str]:
    played = []
    for scene in scenes(cast):
        if scene.id in SMALL_STORY:
            scene.act()
            played.append(scene.id)
    return played


@pytest.mark.slow
@pytest.mark.postgres
def test_server_is_not_ready_while_its_database_is_away(tmp_path: Path, postgres: Engine, postgres_url: str) -> None:
    name = make_url(postgres_url).database
    settings = {**served.SECRETS, "ARIGATO_DATABASE_URL": postgres_url, "ARIGATO_ALLOW_PRETEND_MONEY": "true"}
    with served.serving(tmp_path, settings) as [server]:
        served.until(lambda: served.ready(server), lambda: server.get("/readyz").text)

        with postgres.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"), {"n": name}
            )
        away = server.get("/readyz")
        alive = served.alive(server)
        with postgres.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
        served.until(lambda: served.ready(server), lambda: server.get("/readyz").text)

    assert away.status_code == 503
    assert away.json()["problems"] == ["the database does not answer: OperationalError"]
    assert alive

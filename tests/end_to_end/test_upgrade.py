"""Rolling upgrade: the last release and this one on one database, under load, with a migration killed half-way, and the
way back to the last one."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from playground.hands import says, taps, word
from playground.story import with_amount
from tests.end_to_end import chatting, released, served, waits
from tests.end_to_end.town import (
    CASTS,
    Town,
    behind,
    fall_due,
    new_serves,
    old_serves,
    person,
    play,
    settle_in,
    standing,
)
from tests.end_to_end.waits import Waits
from tests.source import HOUSE

# What each of them does last before the old release is gone, and what is to come then.
MEANWHILE = ("agree", "deliver", "accept", "accept", "accept")
TO_THE_END = ("hire", "agree", "fund", "deliver", "accept", "review", "thank")
LOCK_WAIT_MAX_SECONDS = 2
READS_SECONDS = 4
HALF_WAY = "0011"
BACKUP = "beside"
ANSWERED_ONCE = """
SELECT i.event_id, i.state, count(o.id) FROM inbox i
LEFT JOIN outbox o ON o.cause = i.platform || ':' || i.tenant || ':' || i.event_id
WHERE i.conversation = ANY(%s) GROUP BY i.id HAVING count(o.id) <> 1 OR i.state <> 'done'
"""
TRIED = """
SELECT error FROM inbox WHERE id > %s AND conversation LIKE %s AND (state = 'done' OR attempts > 0)
"""
HEARD = """
SELECT count(heard), count(*) - count(heard) FROM inbox WHERE state = 'done' AND id > %s AND platform <> 'payments'
"""


@pytest.fixture
def town(tmp_path: Path, postgres_empty_url: str) -> Iterator[Town]:
    with standing(tmp_path, postgres_empty_url) as made:
        yield made


def migrator(town: Town) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*town.program, "migrate"],
        cwd=town.folder,
        env=served.environment(town.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def reading(url: str, *tables: str) -> Iterator[psycopg.Connection]:
    """Somebody looks at these for a long time."""
    with psycopg.connect(url) as connection:
        for table in tables:
            connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        yield connection


def kill_it_half_way(town: Town, watched: Waits) -> None:
    """While somebody reads handles, it cannot get further than to the step before."""
    with reading(town.url, "handles"), migrator(town) as migrating:
        assert migrating.stdout
        assert any(line.startswith(HALF_WAY) for line in migrating.stdout)
        waits_for_it(watched)
        migrating.kill()


def migrate_again(town: Town, watched: Waits, meanwhile: Callable[[], None]) -> None:
    """To its end, although somebody reads for seconds meanwhile."""
    with reading(town.url, "contracts", "handles") as reader, migrator(town) as migrating:
        meanwhile()
        waits_for_it(watched)
        time.sleep(READS_SECONDS)
        reader.rollback()
        said, _ = migrating.communicate(timeout=120)
    assert migrating.returncode == 0, said
    assert watched.longest <= LOCK_WAIT_MAX_SECONDS, f"somebody waits for a table for {watched.longest:.0f} s"


def waits_for_it(watched: Waits) -> None:
    """The migrator, for its table; and so does everybody behind it."""
    before = watched.for_tables
    served.until(lambda: watched.for_tables > before, lambda: "nobody waits for a table")


def heard(town: Town, since: int) -> dict[str, int]:
    """How many events each release has worked through: the older one counts none."""
    [(counted, rest)] = town.ask(HEARD, since)
    return {"new": counted, "old": rest}


def newest_event(town: Town) -> int:
    [(newest,)] = town.ask("SELECT max(id) FROM inbox")
    return int(newest)


def side_by_side(town: Town) -> dict[str, int]:
    """Both serve; what was begun with the old goes on with whoever hears it."""
    since = newest_event(town)
    taps(town.casts[0].worker, "agree_terms.agree")
    play(town.casts[4], "pay_out")
    client = town.casts[3].client
    client.taps(with_amount(client, "28,000円")[0])
    line, slack, telegram = town.talkers
    taps(line, "post_job.go")
    line.sees("J-", 20)
    says(telegram, "返事をください")
    taps(slack, "language.english")
    for _ in range(4):
        says(line, "連携")
    play(town.casts[2], "deliver")
    return heard(town, since)


def there_and_back(town: Town, old_ones: ExitStack, new_ones: ExitStack) -> None:
    """Only the new one serves, only the old one again, both again. The old clock, left running, keeps the way open."""
    old_ones.close()
    ask_for_what_is_new(town)
    play(town.casts[1], "deliver")
    old_ones.enter_context(old_serves(town))
    new_ones.close()
    since = newest_event(town)
    go_on_with_the_old(town)
    play(town.casts[2], "accept")
    served.settled(town.url)
    assert heard(town, since)["new"] == 0
    # It makes the check, too.
    old_does(town, "backup", BACKUP)
    forward = served.command(town.folder, town.settings, "migrate")
    assert forward.returncode == 0, forward.stderr
    new_ones.enter_context(new_serves(town))


def old_does(town: Town, *words: str) -> None:
    done = released.command(town.old_tree, town.folder, town.settings, *words)
    assert done.returncode == 0, done.stdout + done.stderr


def ask_for_what_is_new(town: Town) -> None:
    says(town.talkers[0], "連携")


def go_on_with_the_old(town: Town) -> None:
    """Nothing was begun that it does not know."""
    phone, since = town.talkers[0], newest_event(town)
    phone.says("はい")
    asked = (TRIED, since, f"%{phone.person.id}")
    served.until(lambda: bool(town.ask(*asked)), lambda: "the old release does not hear")
    assert town.ask(*asked) == [("",)]


def failed(town: Town) -> list[tuple[str, str, str]]:
    return town.ask("SELECT event_id, state, error FROM inbox WHERE state <> 'done' OR attempts > 0")


def is_over(town: Town) -> bool:
    return not town.ask("SELECT 1 FROM modes WHERE name = 'beside'")


def unpaid(town: Town) -> list[tuple[str, int]]:
    """A tip may come in after the run that paid for the work: then it waits for the next one, which is now."""
    fall_due(town.url)
    return town.ask("SELECT path, balance FROM accounts WHERE path LIKE 'earnings:%%' AND balance <> 0")


def finish(town: Town) -> None:
    client = town.casts[0].client
    taps(client, "agree_terms.menu")
    taps(client, "agree_terms.agree")
    for cast, played in zip(town.casts, MEANWHILE, strict=True):
        play(cast, *TO_THE_END[TO_THE_END.index(played) + 1 :])
    served.until(lambda: not unpaid(town), lambda: f"not everybody was paid: {unpaid(town)}")
    served.settled(town.url)


@pytest.mark.slow
@pytest.mark.postgres
def test_two_releases_serve_one_database(town: Town) -> None:
    old_does(town, "migrate")
    chatters = [town.stand.phone(person(platform, 600)) for platform in ("line", "slack", "telegram")]
    with ExitStack() as new_ones, ExitStack() as old_clock, ExitStack() as old_ones, ExitStack() as load:
        old_ones.enter_context(old_serves(town))
        settle_in(town)
        asked_by_old = town.questions(town.old_tree)
        watched = load.enter_context(waits.watched(town.url))
        chats = load.enter_context(chatting.going_on(chatters))

        kill_it_half_way(town, watched)
        half_way = town.ask("SELECT version_num FROM migrations")
        migrate_again(town, watched, lambda: play(town.casts[1], "fund"))
        asked_by_new = town.questions(HOUSE)
        # Who has died comes back.
        old_clock.enter_context(released.serving(town.old_tree, town.folder, town.settings, "clock"))
        new_ones.enter_context(new_serves(town))
        shared = side_by_side(town)
        there_and_back(town, old_ones, new_ones)
        beside = (is_over(town), town.violations())
        old_ones.close()
        old_clock.close()
        served.until(lambda: is_over(town), lambda: "the new clock still hears the old one", 120)
        load.close()
        finish(town)

        says(town.talkers[0], "連携")
        town.talkers[0].sees(word(town.talkers[0], "link.go"), 20)
        too_late = released.command(town.old_tree, town.folder, town.settings, "serve")

    assert half_way == [(HALF_WAY,)]
    assert {user_id: asked_by_new.get(user_id) for user_id in asked_by_old} == asked_by_old
    assert len(asked_by_old) == 6
    assert beside == (False, [])
    assert min(shared.values()) > 5
    assert too_late.returncode != 0
    concluded(town, chats, watched)
    # From here on there is no way back but this.
    old_does(town, "restore", BACKUP, "--force")
    old_does(town, "check")


def concluded(town: Town, chats: list[chatting.Chat], watched: Waits) -> None:
    everybody = town.ask("SELECT DISTINCT conversation FROM inbox")
    theirs = [name for (name,) in everybody if name.endswith(tuple(chat.phone.person.id for chat in chats))]
    assert len(theirs) == len(chats)
    assert town.ask(ANSWERED_ONCE, theirs) == []
    assert watched.longest <= LOCK_WAIT_MAX_SECONDS
    assert failed(town) == []
    assert town.ask("SELECT id, error FROM outbox WHERE state <> 'sent'") == []
    paid = town.ask("SELECT id FROM payouts WHERE stage = 'confirmed'")
    assert len(paid) >= len(CASTS)
    assert {f"payout.paid-{number}" for (number,) in paid} == town.front.paid
    assert town.violations() == []
    print(  # noqa: T201 - the figures of the run
        f"{sum(chat.asked for chat in chats)} chatted, longest wait for a lock {watched.longest:.2f} s "
        f"({watched.seen} looks saw one), slowest request {town.front.slowest:.2f} s",
        file=sys.stderr,
    )


# -- that it can fail


def without(safeguard: str) -> tuple[str, ...]:
    """What starts this release with a safeguard taken out."""
    script = "import cli; from conversations import later; from storage.migrations import gently"
    return (sys.executable, "-c", f"{script}; {safeguard}; cli.main()")


@pytest.mark.alone
@pytest.mark.postgres
def test_migration_without_patience_is_seen(town: Town) -> None:
    """It waits for its table as long as somebody reads it, and everybody else behind it. 0 is for ever."""
    old_does(town, "migrate")
    broken = replace(town, program=without("gently.PATIENCE_MILLISECONDS = 0"))

    with waits.watched(town.url) as watched, pytest.raises(AssertionError, match="waits for a table"):
        migrate_again(broken, watched, lambda: None)


@pytest.mark.alone
@pytest.mark.postgres
def test_flow_that_is_not_held_back_is_seen(town: Town) -> None:
    """The old release hears an answer to a question of a flow that it does not have."""
    old_does(town, "migrate")
    served.command(town.folder, town.settings, "migrate")
    program = without("later.LATER = frozenset()")
    with released.serving(HOUSE, town.folder, town.settings, "all", program) as new, behind(town.front, new.url):
        ask_for_what_is_new(town)

    with old_serves(town), pytest.raises(AssertionError, match=r"KeyError\('link'\)"):
        go_on_with_the_old(town)

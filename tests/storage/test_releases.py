"""Releases: whose tables they are, and how long the release before may serve beside this one (ADR 0017)."""

import secrets
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, select, text, update

import clock
import reconciler
import scheduler
from bench.stage import Stage, staged
from engine.contracts import Contract, Hire
from engine.payments import Payment
from storage import beats, modes, operations, outages, outbox, releases, tables
from storage.chain import DEMO_KEY
from storage.check import check
from storage.database import NewerDatabase, begin, is_current, migrate, open_database
from storage.tables import audit
from storage.tables import beats as beats_table
from storage.tables import modes as modes_table
from storage.tables import outbox as outbox_table
from tests import builders, first_release
from tests.builders import MONDAY, Market
from tests.source import HOUSE

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Made by 0.1.0, whose clock beat an hour ago, and migrated."""
    in_file = f"sqlite:///{tmp_path}/first.db"
    url = in_file if request.param == "sqlite" else str(request.getfixturevalue("postgres_empty_url"))
    engine = open_database(url)
    first_release.make(engine)
    with begin(engine) as connection:
        connection.execute(insert(beats_table), {"name": "clock", "at": MONDAY})
    migrate(engine, clock.now())
    yield engine
    engine.dispose()


def first_versions(connection: Connection) -> list[str]:
    """What 0.1.0 looks at before it starts, and when it says whether it is ready."""
    return list(connection.scalars(text("SELECT version_num FROM alembic_version")))


def logged(connection: Connection) -> list[tuple[str, str]]:
    return [(row.action, row.body) for row in connection.execute(select(audit.c.action, audit.c.body))]


def end(engine: Engine) -> bool:
    with begin(engine) as connection:
        return releases.end(connection, DEMO_KEY, LATER, secrets.token_bytes)


def test_older_release_finds_the_tables_its_own_until_it_is_gone(upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        meanwhile = (releases.older_serves(connection), first_versions(connection), logged(connection))
    ended = [end(upgraded), end(upgraded)]
    with upgraded.connect() as connection:
        afterwards = (releases.older_serves(connection), first_versions(connection), logged(connection))
        violations = check(connection)

    begun = ("UpgradeBegun", "0.1.0")
    assert meanwhile == (True, [first_release.LAST_STEP], [begun])
    assert ended == [True, False]
    assert afterwards == (False, ["0005"], [begun, ("UpgradeEnded", "0.1.0")])
    assert violations == []
    assert is_current(upgraded)


def test_migrating_again_begins_nothing_anew(upgraded: Engine) -> None:
    end(upgraded)

    migrate(upgraded, clock.now())

    with upgraded.connect() as connection:
        assert not releases.older_serves(connection)
        assert len(logged(connection)) == 2


def test_new_database_has_no_release_before(database: Engine) -> None:
    with database.connect() as connection:
        assert not releases.older_serves(connection)
        assert logged(connection) == []


def test_pause_between_two_releases_is_seen(upgraded: Engine) -> None:
    with begin(upgraded) as connection:
        late = beats.beat_on(connection, outages.CLOCK, LATER, timedelta(minutes=5))
        in_time = beats.beat_on(connection, outages.CLOCK, MONDAY + timedelta(minutes=4), timedelta(minutes=5))
        heard = (beats.last(connection)["clock"], beats.last_of_others(connection))

    assert (late, in_time) == (False, True)
    assert heard == (MONDAY + timedelta(minutes=4), MONDAY)


def of_the_next_release(engine: Engine, beside: str) -> None:
    with begin(engine) as connection:
        connection.execute(text("UPDATE migrations SET version_num = '9999'"))
        for mode, release in (("release", "9.0.0"), ("beside", beside)):
            row = {"name": mode, "since": MONDAY, "reason": release, "outbox_to": 0}
            connection.execute(modes_table.delete().where(modes_table.c.name == mode))
            connection.execute(insert(modes_table), row)


def test_we_serve_beside_the_next_release_while_it_waits_for_us(database: Engine) -> None:
    of_the_next_release(database, beats.RELEASE)

    migrate(database, clock.now())

    assert is_current(database)
    with database.connect() as connection:
        assert modes.named(connection, "release") == "9.0.0"
        assert modes.recovery(connection) is None


def test_we_do_not_start_on_a_newer_database(database: Engine) -> None:
    of_the_next_release(database, "8.0.0")

    with pytest.raises(NewerDatabase, match=r"of release 9\.0\.0, and this is"):
        migrate(database, clock.now())

    assert not is_current(database)


def test_release_has_one_number() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]
    changes = (HOUSE / "CHANGELOG.md").read_text()
    headings = [line.removeprefix("## ").split(" ")[0] for line in changes.splitlines() if line.startswith("## ")]

    assert project["version"] == beats.RELEASE
    assert headings[:2] == [beats.RELEASE, releases.BEFORE]


# -- the clock that listens


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged("sqlite://") as made:
        with begin(made.house.database) as connection:
            modes.put(connection, releases.BESIDE, releases.BEFORE, made.house.now())
        yield made


def looks(stage: Stage, silence: scheduler.Silence, many: int, *, beating: bool) -> bool:
    """Whether the release before may still be at work after so many looks."""
    for number in range(many):
        if beating:
            with begin(stage.house.database) as connection:
                connection.execute(beats_table.delete())
                at = stage.house.now() + timedelta(seconds=number)
                connection.execute(insert(beats_table), {"name": "worker", "at": at})
        scheduler.see_off(stage.house, silence)
    with stage.house.database.connect() as connection:
        return releases.older_serves(connection)


def test_release_before_is_gone_when_it_is_silent_for_a_while(stage: Stage) -> None:
    silence = scheduler.Silence()

    assert looks(stage, silence, 20, beating=True)
    assert looks(stage, silence, scheduler.SILENT_LOOKS - 1, beating=False)
    assert not looks(stage, silence, 1, beating=False)


def test_deadlines_are_made_up_for_when_it_is_gone(stage: Stage) -> None:
    quick = stage.house.settings.model_copy(update={"outage_minutes": 5})
    held = replace(stage.house, settings=quick)
    with begin(held.database) as connection:
        beats.beat(connection, outages.CLOCK, held.now() - timedelta(days=1))

    scheduler.ring(held)
    with held.database.connect() as connection:
        meanwhile = outages.last(connection)
    end(held.database)
    scheduler.ring(held)

    with held.database.connect() as connection:
        afterwards = outages.last(connection)
    assert meanwhile is None
    assert afterwards.ended - afterwards.begun >= timedelta(days=1)


def test_what_only_this_release_knows_is_neither_begun_nor_offered(stage: Stage) -> None:
    person = stage.person("line", "U1", "Hanako")
    stage.says(person, "こんにちは")

    stage.says(person, "連携")
    said = newest(stage)
    stage.says(person, "ヘルプ")
    meanwhile = [button.label for button in person.shown[-1]]
    end(stage.engine)
    stage.says(person, "ヘルプ")
    afterwards = [button.label for button in person.shown[-1]]

    late = [person.word(f"{flow}.menu") for flow in ("link", "erase_me")]
    assert said == person.word("common.not_yet")
    assert [label for label in afterwards if label not in meanwhile] == late


def newest(stage: Stage) -> str:
    wanted = select(outbox_table.c.payload).order_by(outbox_table.c.id.desc()).limit(1)
    with stage.engine.connect() as connection:
        return outbox.adapter().validate_json(connection.scalar(wanted) or "").message.text


def test_contracts_are_not_frozen_while_they_would_be_paid_out_all_the_same(stage: Stage) -> None:
    memory = stage.bank.memory
    memory.note({"kind": "paid", "reference": "x", "key": "", "thing": 4711, "amount": 5, "told": "payment.paid"})

    meanwhile = reconciler.reconcile(stage.house)
    end(stage.engine)
    afterwards = reconciler.reconcile(stage.house)

    assert meanwhile == []
    assert [row.kind for row in afterwards] == ["unknown"]


@pytest.mark.parametrize("state", ["failed", "differs"])
def test_what_was_refused_and_not_followed_is_asked_again_when_the_other_release_is_gone(
    database: Engine, state: str
) -> None:
    market = Market(database)
    followed = builders.refuse_refund(market, builders.fund(market, builders.hire(market)))
    paid = market.kept(Payment)
    second, third = builders.join(market, "second"), builders.join(market, "third")
    application = builders.apply(market, third, builders.post(market, second, "Another logo"))
    market.do(Hire(by=second.id, application_id=application.id))
    waiting = builders.agree(market, market.kept(Contract))
    with begin(database) as connection:
        rows = tables.operations
        connection.execute(update(rows).where(rows.c.kind == "collect").values(state=state))

        operations.ask_again_of_refused(connection, market.now)

        states = connection.execute(select(rows.c.key, rows.c.state)).all()
    assert {row.key: row.state for row in states} == {
        f"collect-{paid.id}": state,
        f"collect-{waiting.id}": "ambiguous",
        followed.errand: "failed",
    }

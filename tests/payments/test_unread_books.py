"""Books that cannot be read are not books that agree: whoever asks is told, and operators are, if it stays so."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import doctor
import doorbook
import reconciler
from storage import modes, releases, security
from storage.database import begin
from tests.payments.books_scene import told_to_operators, with_operator
from tests.payments.stripe_scene import Scene
from tests.payments.stripe_stand import error


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with with_operator(tmp_path / "books.db") as made:
        yield made


def test_key_that_may_not_read_the_books_is_named(scene: Scene) -> None:
    scene.stand.first = lambda asked: (403, error("invalid_request_error", "no")) if "disputes" in asked.path else None

    told = reconciler.look(scene.house)
    scene.stand.first = lambda _: None

    [why] = told
    assert why.startswith(
        "The books of stripe could not be read (stripe._error.PermissionError): what differs there is"
    )
    assert reconciler.look(scene.house) == []


def test_operators_are_told_of_books_that_stay_unread(scene: Scene) -> None:
    scene.stand.first = lambda _: (500, error("api_error", "no"))
    told = []

    for _ in range(3):
        scene.market.now += timedelta(minutes=reconciler.RECONCILE_MINUTES)
        reconciler.reconcile(scene.house)
        doorbook.raise_alarms(scene.house)
        told.append(told_to_operators(scene))

    with scene.house.database.connect() as connection:
        reasons = security.by_reason(connection, scene.now() - timedelta(hours=1))
    assert (told, reasons) == ([0, 0, 1], {"books_unread": 3})
    [found] = doctor.unread(reasons)
    assert (found.level, found.found) == ("bad", "could not be read within the hour: 3 times")
    assert (doctor.refused(reasons).found, list(doctor.unread({}))) == ("nothing", [])


def test_while_the_release_before_may_serve_it_is_said_that_nothing_was_compared(scene: Scene) -> None:
    with begin(scene.house.database) as connection:
        modes.put(connection, releases.BESIDE, releases.BEFORE, scene.now())

    [why] = reconciler.look(scene.house)

    assert why.startswith("Nothing was compared: processes of 0.1.0 may still be running")

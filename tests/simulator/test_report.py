"""The report: histories played side by side are the same histories, and what is never met is told."""

import secrets
from random import Random

import pytest

from simulator.report import Report, points, simulate

SEEDS, OPERATIONS = range(1, 8), 40


@pytest.mark.slow
def test_histories_side_by_side_are_those_in_a_row() -> None:
    heard: list[int] = []
    row, beside = (
        simulate(SEEDS, OPERATIONS, "sqlite://", lambda report: heard.append(report.seeds), 1, jobs) for jobs in (1, 2)
    )

    assert (row.seeds, row.operations, row.violations) == (len(SEEDS), beside.operations, [])
    assert (row.faults, row.sometimes) == (beside.faults, beside.sometimes)
    assert heard[-1] == len(SEEDS)


def test_what_was_never_met_fails_only_where_there_was_enough_of_everything() -> None:
    enough, too_little = Report(seeds=200, operations=100_000), Report(seeds=199, operations=100_000)

    assert (enough.missed, enough.passed) == (list(points()), False)
    assert (too_little.missed, too_little.passed) == ([], True)


def test_one_point_that_was_never_met_is_named() -> None:
    report = Report(seeds=200, operations=100_000)
    report.sometimes.update(points()[1:])

    assert (report.missed, report.passed) == ([points()[0]], False)


def test_a_seed_that_makes_another_history_the_second_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    # Keys that no seed makes.
    monkeypatch.setattr(Random, "randbytes", lambda _dice, count: secrets.token_bytes(count))

    report = simulate([3, 4], OPERATIONS, "sqlite://", lambda _: None, 1, again_every=4)

    assert [(violation["seed"], violation["rule"]) for violation in report.violations] == [(4, "same seed")]
    assert report.violations[0]["again"] == f"arigato simulate --seed 4 --operations {OPERATIONS} --twice 1"


def test_a_seed_that_is_played_twice_makes_the_same_history() -> None:
    report = simulate(SEEDS, OPERATIONS, "sqlite://", lambda _: None, 1, again_every=3)

    assert (report.seeds, report.played_twice, report.violations) == (len(SEEDS), 2, [])

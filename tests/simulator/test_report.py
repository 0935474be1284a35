"""The report: histories played side by side are the same histories, and what is never met is told."""

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

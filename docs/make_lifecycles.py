"""Writes docs/lifecycles.md from engine/moves.py: `python -m docs.make_lifecycles`, with `--check` it only compares."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine import applications, approvals, calendar, contracts, jobs, reviews, terms, thanks
from engine.lifecycle import Lifecycle, Move
from engine.moves import LIFECYCLES

PAGE = Path(__file__).with_name("lifecycles.md")
COMMAND = "python -m docs.make_lifecycles"
EXTENDED = f"{terms.EXTENSION_DAYS} more if extended"

# When the clock moves by itself, in words; the numbers are the rules' own. A new `due` wants a line here.
WHEN: Mapping[tuple[str, str], str] = {
    ("job", "open_until"): f"{jobs.OPEN_DAYS} days after it was opened",
    ("application", "answer_until"): f"{applications.ANSWER_DAYS} days after it was sent",
    ("contract", "agree_until"): f"{contracts.AGREE_DAYS} days after it came to this stage",
    ("contract", "fund_until"): f"{contracts.FUND_HOURS} hours after both agreed",
    ("contract", "ending_until"): f"{contracts.ENDING_DAYS} days after the ending was proposed",
    ("contract", "overdue_from"): f"{contracts.OVERDUE_GRACE_HOURS} hours after the end of the due day, or "
    "after it came to this stage if that is later",
    ("contract", "review_until"): f"{terms.REVIEW_DAYS} days after delivery, {EXTENDED}",
    ("contract", "remind_fund_at"): f"{contracts.REMIND_FUND_HOURS} hours after both agreed",
    ("contract", "remind_due_at"): f"{contracts.REMIND_DUE_HOURS} hours before the end of the due day, or at once",
    ("contract", "ending_first_at"): f"day {contracts.FIRST_REMINDER_DAYS} of the proposal",
    ("contract", "ending_second_at"): f"day {contracts.SECOND_REMINDER_DAYS} of the proposal",
    ("contract", "review_first_at"): f"day {contracts.FIRST_REMINDER_DAYS} of the review, {EXTENDED}",
    (
        "contract",
        "review_second_at",
    ): f"day {contracts.SECOND_REMINDER_DAYS} of the review, {EXTENDED}",
    ("contract", "review_last_at"): f"{contracts.LAST_REMINDER_HOURS} hours before the review ends",
    ("review", "reveal_at"): f"{reviews.WINDOW_DAYS} days after the contract ended",
    ("approval", "waits_until"): f"{approvals.WAITS_HOURS} hours after it was asked for",
    ("thanks", "tip_until"): f"{thanks.TIP_HOURS} hours after it was promised",
}
# A clock move without a `due` of its own follows from another timer.
WHEN_WITHOUT_DUE: Mapping[tuple[str, str], str] = {
    ("contract", "pay_out"): f"with the worker's payout, {calendar.PAYOUT_RUN:%H:%M} of the next business day",
    ("payout", "pay_out"): f"{calendar.PAYOUT_RUN:%H:%M} of the next business day after something was earned",
    ("payment", "expire"): "with its contract, or when the tip is forgone",
    ("job", "reopen"): "with its contract, when that expires",
}

HEAD = f"""# Lifecycles

Generated from `engine/moves.py` by `{COMMAND}`. Do not edit: a test compares the two.

A *stage* is where a thing stands, a *move* is one row of its table. What is not in a table is refused: `NotNow` if the
stage has no such move, `NotYourTurn` if it is somebody else's. `[*]` is where a thing begins and ends; an end that
still has moves out of it is one where a thing may stay for good.
Why one table: [ADR 0008](adr/0008-the-table-of-moves-is-the-only-door.md).
"""


def when(noun: str, move: Move) -> str:
    if move.due:
        return WHEN[noun, move.due]
    by_clock = [role for role in move.who if role == "clock"]
    return WHEN_WITHOUT_DUE[noun, move.name] if by_clock else ""


def arrows(lifecycle: Lifecycle) -> Iterator[str]:
    for move in lifecycle.moves:
        for source in move.sources or ("[*]",):
            yield f"    {source} --> {move.target}: {move.name} ({', '.join(move.who)})"
    for end in lifecycle.ends:
        yield f"    {end} --> [*]"


def rows(lifecycle: Lifecycle) -> Iterator[str]:
    for move in lifecycle.moves:
        sources = ", ".join(move.sources) or "—"
        cells = (f"`{move.name}`", ", ".join(move.who), sources, move.target, when(lifecycle.noun, move))
        yield f"| {' | '.join(cells)} |"


def reminders(lifecycle: Lifecycle) -> Iterator[str]:
    if not lifecycle.reminders:
        return
    yield from ("", "| reminder | while | when |", "|---|---|---|")
    for reminder in lifecycle.reminders:
        yield f"| `{reminder.name}` | {reminder.stage} | {WHEN[lifecycle.noun, reminder.due]} |"


def section(lifecycle: Lifecycle) -> Iterator[str]:
    yield from ("", f"## {lifecycle.noun.capitalize()}", "", "```mermaid", "stateDiagram-v2")
    yield from arrows(lifecycle)
    yield from ("```", "", "| move | who | from | to | by itself |", "|---|---|---|---|---|")
    yield from rows(lifecycle)
    yield from reminders(lifecycle)


def page() -> str:
    return HEAD + "\n".join(line for lifecycle in LIFECYCLES for line in section(lifecycle)) + "\n"


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if PAGE.exists() and PAGE.read_text("utf-8") == page():
            return 0
        sys.stderr.write(f"{PAGE.name} is stale: run `{COMMAND}`\n")
        return 1
    if arguments:
        sys.stderr.write(f"usage: {COMMAND} [--check]\n")
        return 2
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

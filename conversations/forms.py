"""A form answers several questions at once; what it leaves open is asked for in the chat."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conversations.flow import Sheet
from conversations.messages import Form
from conversations.ports import Answer, Saved
from conversations.readers import Misread, from_form, read
from conversations.show import Speech


def answers(form: Form, sheet: Sheet, speech: Speech) -> dict[str, Answer]:
    """Those that could be read."""
    assert speech.incoming, "a form was sent in"
    found: dict[str, Any] = {}
    for question in sheet.questions:
        try:
            reading = speech.reading(question)
            value = read(from_form(form.values.get(question.key, ""), reading), reading)
        except Misread:
            continue
        found[question.key] = Answer(value, speech.incoming.at)
    return found


def filled_in(form: Form, sheet: Sheet, saved: Saved, speech: Speech) -> Saved:
    """The talk with the form's answers, and with the card's "go" if the form has said all that the card would."""
    assert speech.incoming, "a form was sent in"
    given = {**saved.answers, **answers(form, sheet, speech)}
    missed = any(question.key not in given for question in sheet.questions)
    if not missed and was_shown(given, sheet):
        given["card:0"] = Answer("go", speech.incoming.at)
    return replace(saved, answers=given, args={**saved.args, "known": {}}, missed=int(missed))


def was_shown(given: Mapping[str, Answer], sheet: Sheet) -> bool:
    """Whether all that follows from the answers stood on the form. The shares of a sum that was typed into it did
    not: then the card comes first."""
    sums = [question.key for question in sheet.questions if question.kind == "yen"]
    return all(given[key].value in ("", sheet.known.get(key)) for key in sums)

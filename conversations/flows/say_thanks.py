"""ありがとうを伝える: with words or without, and from the client with a tip."""

from collections.abc import Mapping
from typing import Any

from conversations.flow import Begin, Flowing, Option, Question, fill, look
from conversations.queries import ThankedOn
from conversations.subjects import reached
from engine import calendar
from engine.errors import AlreadyThanked, NotNow
from engine.lifecycle import Role
from engine.thanks import THANKED_STAGES, TIP_STAGES, SayThanks

TIPS_YEN = (0, 50, 100, 300, 500)


def say_thanks(begin: Begin) -> Flowing:
    contract = yield from reached(begin)
    if contract.stage not in THANKED_STAGES:
        raise NotNow("contract", "thank", contract.stage)
    if (yield from look(ThankedOn(begin.user_id, contract.other_than(begin.user_id), calendar.local_day(begin.now)))):
        raise AlreadyThanked
    shown = {"contract": contract, "of_id": contract.other_than(begin.user_id)}
    questions: tuple[Question, ...] = (Question("words", "text", shown, optional=True),)
    if contract.role_of(begin.user_id) is Role.CLIENT and contract.stage in TIP_STAGES:
        tips = tuple(Option(tip, "say_thanks.tip", {"tip": tip}) for tip in TIPS_YEN)
        questions += (Question("tip", "choice", shown, tips),)

    def card(answers: Mapping[str, Any]) -> Mapping[str, object]:
        return {"tip": 0, **answers, **shown}

    answers = yield from fill(questions, {}, card, "say_thanks.go")
    return SayThanks(by=begin.user_id, contract_id=contract.id, words=answers["words"], tip=answers.get("tip", 0))

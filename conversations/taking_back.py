"""Words that their writer took back are no answer any more: the question is put again. What is done is done."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from conversations import aside
from conversations.flow import Start
from conversations.messages import Incoming
from conversations.ports import Saved, World
from conversations.talk import Talk, go_on

# What a flow was begun with, where those were somebody's words.
WORDS = ("known", "rest")


def forget(said: Sequence[Incoming], incoming: Incoming, world: World) -> None:
    """`said` as it was heard: answers, and what a sentence had filled in, are known by when they were said."""
    moments = {each.at for each in said if each.direct}
    user = world.user_at(incoming.sender) if moments else None
    if user is None:
        return
    saved = world.saved(user.id)
    left = without(saved, moments)
    if left == saved:
        return
    talk = Talk(world, incoming, user, operator=False)
    talk.speech.say("common.taken_back", starts=() if left.flow else (Start("home"),))
    if left.flow:
        # Its new turn leaves the buttons shown since without a use.
        go_on(talk, left, surface="chat")
    else:
        world.save(user.id, left)


def unheard(incoming: Incoming, world: World) -> None:
    """It was taken back, or written anew, before it came in. Who was being asked something may wait for us."""
    user = world.user_at(incoming.sender) if incoming.direct else None
    if user and world.saved(user.id).flow:
        talk = Talk(world, incoming, user, operator=False)
        talk.speech.say("common.taken_back")
        go_on(talk, world.saved(user.id), surface="chat")


def without(saved: Saved, moments: Collection[datetime]) -> Saved:
    """What was answered later was asked because of it, and goes with it. What was put aside is looked through, too."""
    if saved.begun_at in moments and any(saved.args.get(name) for name in WORDS):
        return Saved(turn=saved.turn + 1)
    kept = dict(takewhile(lambda answer: answer[1].at not in moments, saved.answers.items()))
    if len(kept) != len(saved.answers):
        saved = replace(saved, answers=kept, missed=0)
    before = aside.taken_up(saved)
    after = without(before, moments) if before.flow else before
    if after == before:
        return saved
    args = {name: value for name, value in saved.args.items() if name != aside.LEFT}
    return replace(saved, args={**args, **aside.put_aside(after)})

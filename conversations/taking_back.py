"""Words that their writer took back are no answer any more: the question is put again. What is done is done."""

from dataclasses import replace

from conversations.messages import Incoming
from conversations.ports import Saved, World


def forget(said: Incoming, world: World) -> None:
    """`said` as it was heard: answers, and what a sentence had filled in, are known by when they were said."""
    user = world.user_at(said.sender)
    if user is None:
        return
    saved = world.saved(user.id)
    if saved.begun_at == said.at and saved.args.get("known"):
        world.save(user.id, Saved(turn=saved.turn))
        return
    left = {key: answer for key, answer in saved.answers.items() if answer.at != said.at}
    if len(left) < len(saved.answers):
        world.save(user.id, replace(saved, answers=left))

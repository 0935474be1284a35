"""A message comes in; the conversation goes on. Here, and only here, a Refused is caught and put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conversations import aside, forms, router, show, suspicion
from conversations.flow import Ask, Show, Start
from conversations.flows import post_job
from conversations.joining import join
from conversations.messages import Arrived, Content, File, Form, Incoming, Left, OpenedHome, Other, Press, Text
from conversations.ports import Answer, Saved, World
from conversations.queries import ById
from conversations.readers import Misread, read, understood
from conversations.replay import replay
from conversations.show import Speech
from conversations.telling import tell
from engine.errors import BadAnswer, OnlyOperators, Refused
from engine.handle import handle
from engine.ports import Command
from engine.users import User


@dataclass(frozen=True)
class Talk:
    """One person's turn to speak."""

    world: World
    incoming: Incoming
    user: User
    operator: bool

    @cached_property
    def speech(self) -> Speech:
        return Speech(self.world, self.user, self.incoming)


def hear(incoming: Incoming, world: World) -> None:
    """Everything that follows from one message: commands, notices, the answer. Effects go through `world` only."""
    if isinstance(incoming.content, Left):
        world.set_blocked(incoming.sender, blocked=True)
        return
    if not incoming.direct:
        if suspicion.aimed_at_us(incoming.content):
            world.suspect("not_first_hand")
        return
    known = world.user_at(incoming.sender)
    user = known or join(incoming, world)
    world.set_blocked(incoming.sender, blocked=False)
    talk = Talk(world, incoming, user, world.facts.is_operator(user.id) and not incoming.quoting)
    if known is None and isinstance(incoming.content, Arrived) and not incoming.content.payload:
        return
    answer_to(talk, incoming.content)


def answer_to(talk: Talk, content: Content) -> None:
    match content:
        case Press():
            pressed(talk, content)
        case Form():
            form_came(talk, content)
        case Text():
            said(talk, content)
        case File():
            replied(talk, content)
        case Arrived():
            arrived(talk, content)
        case OpenedHome():
            begin(talk, "home", {}, surface="home")
        case Other("form_expired") if (saved := talk.world.saved(talk.user.id)).flow:
            go_on(talk, saved, surface="chat")  # the form did not open in time: its questions come one by one
        case Other(kind) if kind != "form_expired":
            talk.speech.say(f"common.{kind}" if kind.startswith("file_") else "common.not_for_me")


def arrived(talk: Talk, content: Arrived) -> None:
    """A deep link goes straight to its job; a bare start shows where things stand."""
    route = router.route(f"/view {content.payload}", operator=False) if content.payload else None
    if route and route.args:
        begin(talk, route.flow.name, route.args)
    else:
        begin(talk, "home", {})


def pressed(talk: Talk, press: Press) -> None:
    action = talk.world.action_of(talk.user.id, press.handle, talk.incoming.sender.chat)
    saved = talk.world.saved(talk.user.id)
    wrong = suspicion.about_press(talk.world, talk.user.id, action, saved, press)
    if wrong or action is None:
        stale(talk, saved, wrong)
    elif action.kind == "start":
        begin(talk, action.flow, action.args)
    elif action.kind == "word":
        control(talk, saved, action.flow)
    elif press.value:
        replied(talk, Text(press.value))
    else:
        keep_answer(talk, saved, action.key, action.value)


def stale(talk: Talk, saved: Saved, why: str) -> None:
    """A late press changes nothing; the present state is shown."""
    talk.world.suspect(why)
    talk.speech.say(suspicion.WORDS[why], starts=() if saved.flow else (Start("mine"),))
    if saved.flow:
        go_on(talk, saved, surface="chat")


def form_came(talk: Talk, form: Form) -> None:
    """A form answers all its questions and the card's 'go' at once. What cannot be read is asked for in the chat."""
    action = talk.world.action_of(talk.user.id, form.handle, talk.incoming.sender.chat)
    saved = talk.world.saved(talk.user.id)
    wrong = suspicion.about_form(talk.world, talk.user.id, action, saved, form)
    if wrong:
        stale(talk, saved, wrong)
        return
    # What the form was about may have ended meanwhile.
    ask = outcome(talk, saved)
    filled = forms.filled_in(form, ask.sheet, saved, talk.speech) if isinstance(ask, Ask) and ask.sheet else saved
    go_on(talk, filled, surface="chat")


def said(talk: Talk, content: Text) -> None:
    saved = talk.world.saved(talk.user.id)
    if word := router.anywhere(content.text):
        control(talk, saved, word)
        return
    if offer := show.offered(saved, content.text):
        begin(talk, *offer)
        return
    if not talk.operator and suspicion.is_operators(content.text):
        talk.world.suspect("only_operators")
    route = router.route(content.text, operator=talk.operator)
    if route and not meant_as_reply(talk, saved, content, route):
        begin(talk, route.flow.name, route.args)
        return
    if saved.flow:
        replied(talk, content)
        return
    known = post_job.from_sentence(content.text, talk.incoming.at)
    if known:
        begin(talk, "post_job", {"known": known})
    else:
        talk.speech.say("common.not_understood", starts=(Start("post_job"), Start("find_work"), Start("help")))


def meant_as_reply(talk: Talk, saved: Saved, content: Text, route: router.Route) -> bool:
    """The label of a choice on the table wins over a menu word of the same sound, and a sentence over a command."""
    if not saved.flow or content.text.startswith("/"):
        return False
    ask = outcome(talk, saved)
    if isinstance(ask, Ask) and ask.question.kind in ("choice", "code"):
        return understood(content, talk.speech.reading(ask.question))
    return isinstance(ask, Ask) and ask.question.kind in ("text", "long_text") and route.in_passing


def control(talk: Talk, saved: Saved, word: str) -> None:
    """もどる, やめる, 最初から, なぜ？ in every step."""
    if word == "why":
        explain(talk, saved)
    elif not saved.flow:
        begin(talk, "home", {})
    elif word == "stop":
        after = finish(talk, saved)
        talk.speech.say("common.stopped", surface="edit", starts=() if after.flow else (Start("home"),))
        resume(talk, after)
    elif word == "restart":
        begin(talk, saved.flow, saved.args)
    elif saved.answers:
        earlier = dict(list(saved.answers.items())[:-1])
        go_on(talk, replace(saved, answers=earlier, missed=0))
    else:
        talk.speech.say("common.at_the_start")
        go_on(talk, saved, surface="chat")


def explain(talk: Talk, saved: Saved) -> None:
    """In a flow: why this is asked. Else: what happened last, by which rule, when."""
    ask = outcome(talk, saved) if saved.flow else None
    if isinstance(ask, Ask):
        talk.speech.say_why(router.BY_NAME[saved.flow], ask.question)
        go_on(talk, saved, surface="chat")
    else:
        begin(talk, "why", {})


def begin(talk: Talk, name: str, args: Mapping[str, Any], surface: str = "chat") -> None:
    flow = router.BY_NAME[name]
    if flow.operator and not talk.operator:
        talk.speech.refuse(OnlyOperators(), (Start("home"),))
        return
    if talk.speech.puts_off(name):
        return
    saved = talk.world.saved(talk.user.id)
    more = aside.put_aside(saved) if name in aside.ASIDE else {}
    begun = Saved(flow=name, args={**args, **more}, begun_at=talk.incoming.at, turn=saved.turn)
    reached = outcome(talk, begun) if saved.flow else None
    if isinstance(reached, Show):
        # A look at something else: it is answered, and the question is put again.
        talk.speech.show(name, reached, surface)
        if surface != "home":
            go_on(talk, saved, surface="chat")
        return
    # Else the flow that was under way is left: the last thing a person asks for is what they want.
    go_on(talk, begun, surface)


def finish(talk: Talk, saved: Saved) -> Saved:
    """The flow is over; what was put aside for it is under way again, and to be asked for."""
    after = aside.taken_up(saved)
    talk.world.save(talk.user.id, after)
    return after


def resume(talk: Talk, after: Saved) -> None:
    if after.flow:
        # The person may have changed their language meanwhile.
        user = talk.world.look(ById(User, talk.user.id)) or talk.user
        go_on(replace(talk, user=user), after, surface="chat")


def replied(talk: Talk, content: Content) -> None:
    saved = talk.world.saved(talk.user.id)
    if not saved.flow:
        talk.speech.say("common.nothing_asked", starts=(Start("home"),))
        return
    ask = outcome(talk, saved)
    if not isinstance(ask, Ask):
        # What was asked about has ended meanwhile: that is the answer.
        go_on(talk, saved, surface="chat")
        return
    try:
        value = read(content, talk.speech.reading(ask.question))
    except Misread as misread:
        missed = replace(saved, missed=saved.missed + 1)
        talk.speech.say(misread.said(missed.missed), question=ask.question)
        go_on(talk, missed, surface="chat")
    else:
        keep_answer(talk, saved, ask.question.key, value)


def keep_answer(talk: Talk, saved: Saved, key: str, value: Any) -> None:
    answers = {**saved.answers, key: Answer(value, talk.incoming.at)}
    go_on(talk, replace(saved, answers=answers, missed=0))


def outcome(talk: Talk, saved: Saved) -> Ask | Command | Show | Refused:
    return replay(talk.world, talk.user.id, saved)


def go_on(talk: Talk, saved: Saved, surface: str = "edit") -> None:
    """Ask the next question, or do what the flow came to, or show it."""
    reached = outcome(talk, saved)
    match reached:
        case Ask():
            asked = replace(saved, turn=saved.turn + 1, asked_at=talk.incoming.at)
            talk.world.save(talk.user.id, asked)
            talk.speech.ask(router.BY_NAME[saved.flow], reached, asked, surface)
        case Show():
            finish(talk, saved)
            talk.speech.show(saved.flow, reached, surface)
        case Refused():
            refuse(talk, saved, reached)
        case _:
            carry_out(talk, saved, reached)


def carry_out(talk: Talk, saved: Saved, wanted: Command) -> None:
    try:
        decision = handle(wanted, talk.world.facts)
    except Refused as refused:
        refuse(talk, saved, refused)
        return
    after = finish(talk, saved)
    talk.world.carry_out(decision, wanted)
    tell(talk.world, decision.events, talk.user, talk.incoming)
    resume(talk, after)


def refuse(talk: Talk, saved: Saved, refused: Refused) -> None:
    """Nothing is lost: after a bad answer the card comes back and any field can be changed."""
    again = isinstance(refused, BadAnswer) and bool(saved.answers)
    talk.speech.refuse(refused, () if again else (Start("home"),))
    if again:
        earlier = dict(list(saved.answers.items())[:-1])
        go_on(talk, replace(saved, answers=earlier), surface="chat")
    else:
        resume(talk, finish(talk, saved))


def execute(wanted: Command, world: World) -> Refused | None:
    """A command from the clock or from a provider: no conversation, only notices. What comes too late is refused."""
    try:
        decision = handle(wanted, world.facts)
    except Refused as refused:
        return refused
    world.carry_out(decision, wanted)
    tell(world, decision.events, None, None)
    return None

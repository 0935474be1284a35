"""Speaking to one person: words in their language, buttons with handles bound to them, the right surface."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from conversations import later, names, render, suspicion
from conversations.flow import Ask, Entry, Flow, Link, Question, Sheet, Show, Start
from conversations.messages import (
    Button,
    FormField,
    FormSheet,
    Incoming,
    Item,
    Message,
    OpenedHome,
    Outgoing,
    Picker,
    Recipient,
)
from conversations.notice import Notice
from conversations.parsers import text
from conversations.ports import Action, Saved, World
from conversations.queries import ById
from conversations.readers import Reading
from conversations.suspicion import FORM
from engine import calendar, codes
from engine.errors import Refused
from engine.ports import Event
from engine.users import Address, User

PICKER_DAYS = 365
WITH_FORMS = ("slack",)


def block(flow: str, words: str) -> str:
    """A block of the flow's own file, or of the one that is named."""
    return words if "." in words else f"{flow}.{words}"


@dataclass(frozen=True)
class Speech:
    """`incoming` is what is being answered; without it this is a notice out of the blue, at one messenger of
    theirs (`at`) or where they were last."""

    world: World
    user: User
    incoming: Incoming | None = None
    at: Address | None = None

    def name(self, user_id: int) -> str:
        """A person's name with the short number beside it: two people of one name are never confused."""
        found = self.world.look(ById(User, user_id))
        if found and found.stage == "erased":
            return f"{self.says('common.former_member')} ({codes.code('user', user_id)})"
        shown, misleads = names.shown(found.name if found else "?")
        warned = f"; {self.label('common.name_misleads', {})}" if misleads else ""
        return f"{shown} ({codes.code('user', user_id)}{warned})"

    def reason(self, code: str) -> str:
        """The words of a screening reason code."""
        return render.line(self.user.language, f"reasons.{code}", {})

    def says(self, words: str, **facts: object) -> str:
        """Another block inside a block: the words of a stage, of a next step."""
        return self.label(words, facts)

    def facts(self, more: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": self.name, "me": self.user.id, "reasons": self.reason, "says": self.says, **more}

    def page(self, words: str, more: Mapping[str, Any]) -> render.Page:
        return render.page(self.user.language, words, self.facts(more))

    def label(self, words: str, more: Mapping[str, Any]) -> str:
        return render.line(self.user.language, words, self.facts(more))

    def button(self, label: str, action: Action, style: str = "") -> Button:
        return Button(label, handle=self.world.new_handle(self.user.id, action, self.chat), style=style)

    def start(self, start: Start) -> Button:
        label = self.start_label(start)
        return self.button(label, Action("start", flow=start.flow, args=start.args), start.style)

    def start_label(self, start: Start) -> str:
        return self.label(f"{start.flow}.{start.words}", {})

    def starts(self, starts: tuple[Start, ...]) -> tuple[Button, ...]:
        return tuple(self.start(s) for s in later.open_now(self.world, starts))

    def links(self, links: tuple[Link, ...]) -> tuple[Button, ...]:
        return tuple(Button(self.label(link.words, {}), url=link.url, style=link.style) for link in links)

    def word(self, word: str) -> Button:
        return self.button(self.label(f"common.{word}", {}), Action("word", flow=word))

    def option_labels(self, question: Question) -> tuple[str, ...]:
        return tuple(self.label(o.words, o.facts) for o in question.options)

    def reading(self, question: Question) -> Reading:
        assert self.incoming, "only what somebody said is read"
        return Reading(question, self.option_labels(question), self.incoming.at)

    # -- the ways to speak

    @cached_property
    def to(self) -> Recipient | None:
        """Where they are answered, or told out of the blue; None if they cannot be reached."""
        if self.incoming:
            sender = self.incoming.sender
            return Recipient(sender.platform, sender.tenant, sender.outside_id)
        address = self.at or self.world.address_of(self.user.id)
        return Recipient(address.platform, address.tenant, address.outside_id) if address else None

    @property
    def chat(self) -> str:
        return self.to.chat if self.to else ""

    def send(
        self, message: Message, surface: str = "chat", form: FormSheet | None = None, *, awaited: bool = False
    ) -> None:
        if self.to is None:
            return
        reply_to = self.incoming.reply_to if self.incoming else ""
        awaited = awaited or self.incoming is not None
        self.world.send(Outgoing(self.to, message, surface, form, reply_to, self.user.language, awaited=awaited))

    def say(
        self,
        words: str,
        *,
        surface: str = "chat",
        starts: tuple[Start, ...] = (),
        question: Question | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        page = self.page(words, {**(question.facts if question else {}), **(facts or {})})
        self.send(Message(page.text, page.title, page.fields, quick=self.starts(starts)), surface)

    def puts_off(self, flow: str) -> bool:
        """Says that this comes with the update, if it does."""
        if not later.is_held_back(self.world, flow):
            return False
        self.say("common.not_yet", starts=(Start("home"),))
        return True

    def refuse(self, refused: Refused, starts: tuple[Start, ...]) -> None:
        facts = vars(refused)
        if isinstance(refused, suspicion.SUSPECT):
            self.world.suspect(stem(refused))
        stages = {}
        if "stage" in facts:
            stages["stage_words"] = self.label(f"stages.{facts['noun']}_{facts['stage'] or 'none'}", {})
        self.say(f"refusals.{stem(refused)}", facts={**facts, **stages}, starts=starts)

    def say_why(self, flow: Flow, question: Question) -> None:
        words = f"{flow.name}.why_{question.stem}"
        known = render.has(self.user.language, words)
        self.say(words if known else "common.why_asked", question=question)

    def tell(self, notice: Notice, event: Event, surface: str = "chat", *, awaited: bool = False) -> None:
        page = self.page(notice.words, vars(event))
        buttons = self.links(notice.links(event, self.world, self.user.id))
        starts = notice.starts(event, self.user.id)
        buttons += self.starts(starts)
        if self.incoming:
            self.offer(starts)
        message = Message(page.text, page.title, page.fields, buttons=buttons)
        self.send(message, surface, awaited=awaited or notice.awaited)

    def show(self, flow: str, shown: Show, surface: str) -> None:
        if shown.about:
            self.world.looked_up(self.user.id, shown.about)
        page = self.page(block(flow, shown.words), shown.facts)
        items = tuple(self.item(flow, entry) for entry in shown.entries)
        self.offer((*shown.starts, *(start for entry in shown.entries for start in entry.starts)))
        buttons = self.links(shown.links) + self.starts(shown.starts)
        home = isinstance(self.incoming.content, OpenedHome) if self.incoming else False
        message = Message(page.text, page.title, page.fields, items, buttons)
        self.send(message, "home" if home else surface)

    def offer(self, starts: tuple[Start, ...]) -> None:
        """Keep the label, flow and arguments of each button for those who type the label."""
        saved = self.world.saved(self.user.id)
        open_now = later.open_now(self.world, starts)
        offered = [(self.start_label(start), start.flow, dict(start.args)) for start in open_now]
        if starts and not saved.flow:
            self.world.save(self.user.id, replace(saved, args={"offered": offered}))

    def item(self, flow: str, entry: Entry) -> Item:
        page = self.page(block(flow, entry.words), entry.facts)
        return Item(page.title, page.fields, page.text, self.starts(entry.starts))

    def ask(self, flow: Flow, ask: Ask, saved: Saved, surface: str) -> None:
        question = ask.question
        if self.may_open_form(flow, ask, saved):
            assert ask.sheet, "a form is made of a sheet"
            self.send(Message(), "form", self.form(flow, ask.sheet, saved))
            return
        words = question.words or (question.stem if question.stem in ("card", "field") else f"ask_{question.stem}")
        page = self.page(f"{flow.name}.{words}", question.facts)
        quick = tuple(
            self.button(label, Action("reply", key=question.key, value=o.value, turn=saved.turn), o.style)
            for o, label in zip(question.options, self.option_labels(question), strict=True)
        )
        if question.optional:
            quick += (
                self.button(
                    self.label("common.skip", {}), Action("reply", key=question.key, value="", turn=saved.turn)
                ),
            )
        quick += ((self.word("back"),) if saved.answers else ()) + (self.word("stop"),)
        picker = self.picker(question, saved) if question.kind == "day" else None
        self.send(Message(page.text, page.title, page.fields, quick=quick, picker=picker), surface)

    def picker(self, question: Question, saved: Saved) -> Picker:
        today = calendar.local_day(self.world.facts.now)
        handle = self.world.new_handle(self.user.id, Action("reply", key=question.key, turn=saved.turn), self.chat)
        return Picker(self.label("common.pick_day", {}), handle, today, today + timedelta(days=PICKER_DAYS))

    # -- forms

    def may_open_form(self, flow: Flow, ask: Ask, saved: Saved) -> bool:
        """Only at the first question of the sheet, right after the person acted: a form needs a fresh trigger.
        What was misread, or taken back, is asked for in the chat."""
        if not (flow.form and ask.sheet and self.incoming and self.incoming.sender.platform in WITH_FORMS):
            return False
        return not saved.answers and not saved.missed and "trigger" in self.incoming.reply_to

    def form(self, flow: Flow, sheet: Sheet, saved: Saved) -> FormSheet:
        handle = self.world.new_handle(self.user.id, Action("reply", key=FORM, turn=saved.turn), self.chat)
        words = f"{flow.name}.form"
        return FormSheet(
            title=self.label(f"{flow.name}.menu", {}),
            handle=handle,
            submit=self.label("common.send", {}),
            cancel=self.label("common.stop", {}),
            fields=tuple(self.form_field(flow, q, sheet.known) for q in sheet.questions),
            text=self.page(words, sheet.questions[0].facts).text if render.has(self.user.language, words) else "",
        )

    def form_field(self, flow: Flow, question: Question, known: Mapping[str, Any]) -> FormField:
        labels = self.option_labels(question)
        return FormField(
            key=question.key,
            kind=question.kind,
            label=self.label(f"{flow.name}.field_{question.key}", question.facts),
            hint=self.page(f"{flow.name}.ask_{question.key}", question.facts).text,
            value=str(known.get(question.key, "")),
            options=tuple((str(o.value), label) for o, label in zip(question.options, labels, strict=True)),
            optional=question.optional,
        )


def stem(refused: Refused) -> str:
    """NotYourTurn is worded in not_your_turn, and noted as that."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(refused).__name__).lower()


def offered(saved: Saved, words: str) -> tuple[str, Mapping[str, Any]] | None:
    """The button that was shown last and says this, so that typing its label does what pressing it does."""
    found = [(flow, args) for label, flow, args in saved.args.get("offered", ()) if text.matches(words, label)]
    return found[0] if not saved.flow and len(found) == 1 else None

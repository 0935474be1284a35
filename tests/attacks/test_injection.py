"""I: hostile words, brought in on each platform and shown to the other side on each: they arrive as words."""

import re
import sys
from collections import defaultdict
from datetime import timedelta

import pytest

import app
import logs
from bots import text
from conversations.names import shown
from engine import screening
from engine.deliveries import AcceptWork, RequestChanges
from engine.jobs import Job, PostJob, PublishJob
from engine.limits import LIMITS
from engine.reviews import LeaveReview
from engine.texts import REASON_MAX_CHARACTERS, THANKS_MAX_CHARACTERS, TITLE_MAX_CHARACTERS, WORDS_MAX_CHARACTERS
from engine.thanks import SayThanks
from tests.attacks import arrived, deals, table
from tests.attacks.acting import Act, Acts
from tests.attacks.server import Server

pytestmark = pytest.mark.xdist_group("attacks-chats")
WORDS = [words for row in table.rows() for words in row.get("words", [])]
NAMES = [name for row in table.rows() for name in row.get("names", [])]
HARMLESS = [deals.TITLE, deals.DOUBTFUL]
WAYS = [("line", "slack"), ("slack", "telegram"), ("telegram", "line")]
JOBS_A_DAY = LIMITS["jobs_a_day"].most
Fields = dict[str, set[str]]


def shown_titles(act: Act, titles: list[str], about: str) -> None:
    """Jobs of the client as the worker sees them."""
    house, deal = act.server.house, act.deal
    due = house.now().date() + timedelta(days=10)
    for each in titles:
        deal.does(
            PostJob(by=deal.by("client"), title=each[:TITLE_MAX_CHARACTERS], description=about, price=30_000, due=due)
        )
        job = deal.named(deal.latest(Job, client_id=deal.by("client")))
        if job.stage == "held":
            deal.does(PublishJob(by=deal.by("operator"), job_id=job.id))
        act.does({"who": "worker", "say": "/view {job}"})


def shown_work(act: Act, words: list[str]) -> None:
    """All that the worker writes, from the application to the thanks, and the client's request for changes."""
    deal, long = act.deal, "\n".join(words)
    deal.words = to_a_stranger(words)
    deal.at("in_progress")
    act.does({"who": "worker", "say": "/deliver {contract}"})
    act.does({"who": "worker", "say": "x " + long[:1000].replace("{", "{{").replace("}", "}}")})
    act.does({"who": "worker", "press": {"key": "card"}})
    contract_id, worker_id, client_id = deal.ids["contract"], deal.by("worker"), deal.by("client")
    deal.does(RequestChanges(by=client_id, contract_id=contract_id, reason=long[:REASON_MAX_CHARACTERS]))
    act.does({"who": "worker", "say": "/deliver {contract}"})
    person = deal.person("worker")
    act.server.demo.emulators[person.platform].phone(person).sends_file(long[:200] + ".txt", b"x")
    act.server.settle()
    act.does({"who": "worker", "press": {"key": "card"}})
    act.does({"who": "client", "say": "/work {contract}"})
    deal.does(AcceptWork(by=client_id, contract_id=contract_id, price=30_000))
    stars = dict.fromkeys(("skill", "quality", "schedule", "communication", "partnership"), 5)
    for by in (worker_id, client_id):
        deal.does(LeaveReview(by=by, contract_id=contract_id, comment=long[:REASON_MAX_CHARACTERS], again=10, **stars))
        deal.does(SayThanks(by=by, contract_id=contract_id, words=long[:THANKS_MAX_CHARACTERS], tip=0))
    act.server.house.bell.ring()
    act.server.settle()


def to_a_stranger(words: list[str]) -> str:
    """As much of it as an application may hold: no ways around us, and few links."""
    taken = ""
    for each in words:
        longer = f"{taken}\n{each}".strip()
        may_be_said = not screening.lures(longer) and screening.links_in(longer) <= screening.LINKS_MAX
        taken = longer if may_be_said and len(longer) <= WORDS_MAX_CHARACTERS else taken
    return taken


def played(acts: Acts, reader: str, writer: str, words: list[str], name: str) -> tuple[list[str], Fields]:
    """All that words may be, from writer to reader; what was wrong with what arrived, and the fields of its cards."""
    clients = {"platforms": {"client": writer, "worker": reader}, "names": {"client": name}}
    server = acts(clients).server
    begun = {platform: len(emulator.calls) for platform, emulator in server.demo.emulators.items()}
    for start in range(0, len(words), JOBS_A_DAY):
        shown_titles(acts(clients), words[start : start + JOBS_A_DAY], "\n".join(words)[:WORDS_MAX_CHARACTERS])
    shown_work(acts({"platforms": {"client": reader, "worker": writer}, "names": {"worker": name}}), words)

    wrong: list[str] = []
    cards: Fields = defaultdict(set)
    for platform, emulator in server.demo.emulators.items():
        for call in emulator.calls[begun[platform] :]:
            wrong += [
                f"{platform} {call.method}: {fault}"
                for fault in arrived.faults(platform, call, server.house.settings.url)
            ]
            for label, value in arrived.fields(platform, call.payload):
                cards[label].add(value)
    return wrong, cards


@pytest.mark.parametrize("turn", range(len(WAYS)))
def test_i_words_arrive_as_words(server: Server, acts: Acts, turn: int) -> None:
    reader, writer = WAYS[turn]
    # Short fields have room for the first of them: with each way others come first.
    start = turn * len(WORDS) // len(WAYS)
    _, plain = played(acts, reader, writer, HARMLESS, "Anna")

    wrong, cards = played(acts, reader, writer, WORDS[start:] + WORDS[:start], NAMES[turn])

    amounts = {label for label, values in plain.items() if any("¥" in value for value in values)}
    assert wrong == []
    assert set(cards) <= set(plain)
    assert {label: cards[label] - plain[label] for label in amounts if cards[label] - plain[label]} == {}
    server.events.taken()


@pytest.mark.parametrize("name", NAMES)
def test_i8_a_name_is_followed_by_its_number_on_one_line(acts: Acts, name: str) -> None:
    act = acts({"names": {"client": name}, "platforms": {"client": "telegram", "worker": "telegram"}})
    act.deal.at("delivered")
    said = act.last_said()

    act.does({"who": "worker", "say": "/terms {contract}"})

    cards = [field for each in act.told("worker", said) for field in each.message.fields]
    value = next(field.value for field in cards if field.label == "Client")
    assert re.fullmatch(
        rf"[^\n(✅\u202e]+ \({act.deal.facts['client']}(; a name that may mislead)?\)", text.shown(value)
    )
    assert ("may mislead" in value) == shown(name)[1]


def test_i11_a_forged_line_of_the_log_stays_within_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()

    app.security("no_such_door", 'x\r\n{"event": "all is well"}\x1b[2J\u2028')

    logs.sink_for(sys.stderr).drain()
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "\x1b" not in told

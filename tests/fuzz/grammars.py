"""What people type: read or asked again, never guessed, never an error, and nothing in it that was not said."""

import json
import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bots import text as shown_text
from conversations.doorcheck import problem_with
from conversations.flow import Option, Question
from conversations.messages import Text
from conversations.parsers import days, money, text
from conversations.parsers.sentence import understand
from conversations.readers import READERS, Misread, Reading, read
from engine import codes, sayings, screening
from tests.fuzz.reading import number, storable, texts_in, words

ZONES = [
    ZoneInfo(name)
    for name in ("Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca")
]
# Around it lie a leap day, the end of a year and of months, and changes of the clocks in each of the zones.
FIRST = datetime(2027, 1, 1, tzinfo=UTC)
HOURS = 24 * 366 * 2
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
PLAIN_DIGITS = frozenset("0123456789０１２３４５６７８９〇")  # 三〇〇円


def moment(data: bytes) -> tuple[datetime, bytes]:
    """Some hour of two years in some zone, and the bytes after it."""
    hours = int.from_bytes(data[:2]) * 7 % HOURS
    zone = ZONES[data[2] % len(ZONES)] if len(data) > 2 else ZONES[0]
    return (FIRST + timedelta(hours=hours)).astimezone(zone), data[3:]


def is_coming(day: days.Day, now: datetime) -> bool:
    """What is too far away is the engine's to say; it is a day all the same."""
    return now.date() <= day.date and (day.other is None or now.date() <= day.other)


def sentence(data: bytes) -> None:
    now, data = moment(data)
    said = words(data)
    found = understand(said, now)
    assert found == understand(said, now), "the same words at the same moment are read in two ways"
    assert found.price is None or 0 < found.price <= money.AMOUNT_MAX, "no such price"
    assert found.due is None or is_coming(found.due, now), "a due day that is over"
    if found.title is not None:
        assert found.title.strip() == found.title != "", "a title has words"
        extra = Counter(found.title) - Counter(said)
        assert set(extra) <= set("、, "), f"the title says what nobody said: {extra}"


def day(data: bytes) -> None:
    now, data = moment(data)
    said = words(data)
    found = days.day(said, now)
    assert found is None or is_coming(found, now), "a day that is over"
    assert days.day(said.translate(FULL_WIDTH), now) == found, "full-width figures mean another day"


def amount(data: bytes) -> None:
    said = words(data)
    found = money.yen(said)
    if found is None:
        return
    assert 0 < found <= money.AMOUNT_MAX, "no such amount"
    strange = [sign for sign in said if unicodedata.numeric(sign, None) is not None and is_no_figure(sign)]
    assert strange == [], f"{strange} are no figures here"
    assert not re.search(r"[0-9]\s*e|0x|[-+−]\s*[0-9]|\.[0-9]{3}", said.casefold()), "a sign, an exponent, a base"
    assert money.yen(f"{found:,}円") == found, "what is shown of it reads as another amount"
    assert money.yen(said.translate(FULL_WIDTH)) == found, "full-width figures mean another amount"


def is_no_figure(sign: str) -> bool:
    return sign not in PLAIN_DIGITS and unicodedata.category(sign) in ("Nd", "No", "Nl")


def amount_range(data: bytes) -> None:
    found = money.yen_range(words(data))
    assert found is None or 0 < found[0] < found[1] <= money.AMOUNT_MAX, "no such range"


OPTIONS = (Option("logo", "logo"), Option(2, "web"), Option("3", "three"))
LABELS = ("🎨 ロゴ", "Website", "3")


def reply(data: bytes) -> None:
    """Any words to any kind of question: a JSON value that can be kept, or the question again."""
    which, data = number(data)
    now, data = moment(data)
    kind = list(READERS)[which % len(READERS)]
    question = Question("field", kind, {"highest": 10, "noun": "job"}, OPTIONS)
    said = shown_text.kept(words(data))
    try:
        value = read(Text(said), Reading(question, LABELS, now))
    except Misread:
        return
    assert json.loads(json.dumps(value)) == value
    assert all(map(storable, texts_in(value)))


def form_field(data: bytes) -> None:
    which, data = number(data)
    kinds = list(READERS)
    for language in ("ja", "en", ""):
        problem = problem_with(kinds[which % len(kinds)], words(data), language)
        assert problem is None or problem.strip(), "a problem is said in words"


def code(data: bytes) -> None:
    """A code that is read is the code of what it names: no two spellings but small letters and space around."""
    which, data = number(data)
    noun = list(codes.LETTERS)[which % len(codes.LETTERS)]
    said = words(data)
    found = codes.read(noun, said)
    assert found is None or codes.code(noun, found) == said.strip().upper(), "two codes for one thing"


def same_words(data: bytes) -> None:
    """Folding keeps every letter's place; a button's words are matched by themselves and by nothing empty."""
    said = words(data)
    folded = text.fold(said)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert "".join(text.graphemes(said)) == said
    assert folded.cut(0, len(folded.text)) in ("", said)
    assert text.matches(said, said) == (text.normalise(said) != "")
    assert not text.matches("", said)
    short = text.short(said, 20)
    assert len(text.graphemes(short)) <= 20 + 1
    assert short == said or short.endswith("…")


def fingerprint(data: bytes) -> None:
    """The same words are known again in any disguise, and what is kept of them says nothing; screening takes all."""
    said = words(data)
    digest = sayings.digest(said)
    disguised = "\u200b".join(said).upper() if said.isascii() else f" {said}!! 12"
    assert digest == "" or (len(digest) == 32 and set(digest) <= set("0123456789abcdef"))
    assert sayings.digest(disguised) == digest
    assert (digest == "") == (len(sayings.essence(said)) < sayings.WORDS_MIN_CHARACTERS)
    assert screening.links_in(said) >= 0
    assert set(screening.screen(said, 1_000, 0)) <= set(screening.CODES)
    assert screening.lures(said) == (not set(screening.LURES).isdisjoint(screening.screen(said, 10**9, 0)))

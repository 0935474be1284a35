"""The main story, scene by scene, acted on phones: by the tour, by `arigato story`, and by the end-to-end tests.

It knows only what a person sees: words and labels. It does not know which messenger each person is on."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from playground.hands import (
    WAIT_SECONDS,
    answered,
    fill_in,
    form_of,
    pay,
    press,
    reading,
    says,
    taps,
    until,
    visible,
    wants,
    word,
)
from playground.phone import NotOnScreen, NotSeen, Phone
from playground.tour import Scene

__all__ = [
    "ACTS",
    "SAID",
    "Cast",
    "Phone",
    "lines",
    "press",
    "reading",
    "says",
    "scenes",
    "taps",
    "wants",
    "with_amount",
    "word",
]

PRICE = 30_000
OFFER = 28_000
OTHER_OFFER = 31_000
TIP = 300
FINAL = "https://example.com/logo-final.png"
SAID: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "title": "恵比寿の店のロゴ",
        "sentence": "恵比寿の店のロゴを3万円で来週金曜まで",
        "pitch": "カフェのロゴを12件つくりました。3案お出しします。",
        "other_pitch": "心をこめて描きます。よろしくお願いします。",
        "draft": "初稿です。丸みのある文字にしました。",
        "change": "もう少し落ち着いた色にしてください。",
        "praise": "とてもていねいな仕事でした。",
        "thanks": "店がぱっと明るくなりました",
        "doubtful": "かんたんな作業を5000円で来週金曜まで。くわしくはLINEのIDを追加してください",
        "reason": "連絡先の交換は契約のあとでお願いします",
    },
    "en": {
        "title": "Logo for my cafe",
        "sentence": "Logo for my cafe, 30,000 yen, by 30 December",
        "pitch": "I have made 12 cafe logos. You will see three drafts.",
        "other_pitch": "I will draw with all my heart.",
        "draft": "First draft, with round letters.",
        "change": "A calmer colour, please.",
        "praise": "Very careful work.",
        "thanks": "The cafe looks wonderful now",
        "doubtful": "Easy work, 5,000 yen, by 30 December, add me on Telegram",
        "reason": "Please share contacts after the contract",
    },
}
AXES = ("skill", "quality", "schedule", "communication", "partnership")
PAYOUT = re.compile(r"\bP-[0-9A-Z]{7}\b")


@dataclass(frozen=True)
class Cast:
    """Who plays whom. `to_payout` moves the clock past the next payout run."""

    client: Phone
    worker: Phone
    other_worker: Phone
    operator: Phone
    to_payout: Callable[[], None]

    @property
    def phones(self) -> tuple[Phone, ...]:
        return (self.client, self.worker, self.other_worker, self.operator)


def lines(phone: Phone) -> Mapping[str, str]:
    return SAID[phone.person.language]


# -- the scenes


def meet(cast: Cast) -> None:
    for phone in cast.phones:
        phone.follows()
        answered(phone)


def post(cast: Cast) -> None:
    client = cast.client
    says(client, lines(client)["sentence"])
    client.sees(lines(client)["title"], WAIT_SECONDS)
    taps(client, "post_job.go")
    client.sees(lines(client)["title"], WAIT_SECONDS)


def apply(phone: Phone, client: Phone, price: int, pitch: str) -> None:
    """The job's own price is offered; the form, or 直す on the card, changes it."""
    wants(phone, "find_work")
    phone.sees(lines(client)["title"], WAIT_SECONDS)
    taps(phone, "apply.menu")
    if not form_of(phone):
        says(phone, pitch)
        taps(phone, "common.edit")
        taps(phone, "apply.field_price")
        says(phone, str(price))
        taps(phone, "apply.go")
        return
    fill_in(phone, {"price": str(price), "words": pitch}, "apply.go")


def find_and_apply(cast: Cast) -> None:
    apply(cast.worker, cast.client, OFFER, lines(cast.worker)["pitch"])
    cast.client.sees(word(cast.client, "compare.menu"), WAIT_SECONDS)
    apply(cast.other_worker, cast.client, OTHER_OFFER, lines(cast.other_worker)["other_pitch"])


def hire(cast: Cast) -> None:
    client = cast.client
    taps(client, "compare.menu")
    client.sees(lines(cast.other_worker)["other_pitch"], WAIT_SECONDS)
    taps(client, "hire.menu")
    taps(client, "hire.go")
    cast.worker.sees(word(cast.worker, "agree_terms.menu"), WAIT_SECONDS)
    cast.other_worker.sees(lines(client)["title"], WAIT_SECONDS)


def agree(cast: Cast) -> None:
    for phone in (cast.client, cast.worker):
        taps(phone, "agree_terms.menu")
        taps(phone, "agree_terms.agree")


def fund(cast: Cast) -> None:
    pay(cast.client)
    cast.worker.sees(word(cast.worker, "deliver.menu"), WAIT_SECONDS)


def deliver(phone: Phone, work: str) -> None:
    taps(phone, "deliver.menu")
    says(phone, work)
    taps(phone, "deliver.go")


def deliver_and_change(cast: Cast) -> None:
    deliver(cast.worker, lines(cast.worker)["draft"])
    cast.client.sees(word(cast.client, "accept_work.menu"), WAIT_SECONDS)
    taps(cast.client, "request_changes.menu")
    says(cast.client, lines(cast.client)["change"])
    taps(cast.client, "request_changes.go")
    cast.worker.sees(lines(cast.client)["change"], WAIT_SECONDS)
    deliver(cast.worker, FINAL)
    cast.client.sees(FINAL, WAIT_SECONDS)


def accept(cast: Cast) -> None:
    taps(cast.client, "accept_work.menu")
    # The second tap says the amount.
    amount = {"ja": "28,000円", "en": "¥28,000"}[cast.client.person.language]
    until(lambda: bool(with_amount(cast.client, amount)), lambda: NotOnScreen(amount, cast.client.screen()))
    cast.client.taps(with_amount(cast.client, amount)[0])
    answered(cast.client)
    cast.worker.sees(word(cast.worker, "review.menu"), WAIT_SECONDS)


def with_amount(phone: Phone, amount: str) -> list[str]:
    return [tap.label for tap in visible(phone) if amount in tap.label]


def be_paid(cast: Cast) -> None:
    before = {bubble.id for bubble in cast.worker.screen().bubbles}
    cast.to_payout()
    net = {"ja": "21,840円", "en": "¥21,840"}[cast.worker.person.language]
    # By the payout's number too: the news of the acceptance says the same amount.
    until(
        lambda: any(
            net in b.text and PAYOUT.search(b.text) for b in cast.worker.screen().bubbles if b.id not in before
        ),
        lambda: NotSeen(net, cast.worker.screen()),
    )


def review(cast: Cast) -> None:
    for phone in (cast.client, cast.worker):
        taps(phone, "review.menu")
        answers = dict.fromkeys(AXES, "5") | {"comment": lines(phone)["praise"], "again": "10"}
        fill_in(phone, answers, "review.go")
    cast.client.sees(lines(cast.worker)["praise"], WAIT_SECONDS)


def thank(cast: Cast) -> None:
    client = cast.client
    taps(client, "say_thanks.menu")
    fill_in(client, {"words": lines(client)["thanks"], "tip": str(TIP)}, "say_thanks.go")
    pay(client)
    cast.worker.sees(lines(client)["thanks"], WAIT_SECONDS)


def moderate(cast: Cast) -> None:
    author, operator = cast.other_worker, cast.operator
    says(author, lines(author)["doubtful"])
    taps(author, "post_job.go")
    operator.sees(word(operator, "reject.menu"), WAIT_SECONDS)
    wants(operator, "queue")
    taps(operator, "reject.menu")
    says(operator, lines(operator)["reason"])
    author.sees(lines(operator)["reason"], WAIT_SECONDS)
    wants(operator, "figures")


ACTS: tuple[tuple[str, Callable[[Cast], None], Mapping[str, str], tuple[str, ...]], ...] = (
    ("meet", meet, {"ja": "みんなが話しかける", "en": "Everyone says hello"}, ("client", "worker", "operator")),
    ("post", post, {"ja": "ひとことで依頼する", "en": "A job in one sentence"}, ("client",)),
    ("apply", find_and_apply, {"ja": "さがして応募する", "en": "Finding it and applying"}, ("client", "other_worker")),
    ("hire", hire, {"ja": "くらべて採用する", "en": "Comparing and hiring"}, ("client", "worker")),
    ("agree", agree, {"ja": "二人が同意する", "en": "Both agree to the terms"}, ("client", "worker")),
    ("fund", fund, {"ja": "仮払いする", "en": "Funding escrow"}, ("client", "worker")),
    (
        "deliver",
        deliver_and_change,
        {"ja": "納品、修正、再納品", "en": "Delivery, changes, delivery"},
        ("client", "worker"),
    ),
    ("accept", accept, {"ja": "検収する", "en": "Accepting the work"}, ("client", "worker")),
    ("pay_out", be_paid, {"ja": "時計が出金する", "en": "The clock pays out"}, ("client", "worker")),
    ("review", review, {"ja": "評価しあう", "en": "Reviewing each other"}, ("client", "worker")),
    ("thank", thank, {"ja": "ありがとうとチップ", "en": "Thanks and a tip"}, ("client", "worker")),
    ("moderate", moderate, {"ja": "運営が見守る", "en": "The operator moderates"}, ("operator", "other_worker")),
)


def scenes(cast: Cast) -> tuple[Scene, ...]:
    """One scene after the other; each needs those before it."""
    return tuple(Scene(name, title, partial(act, cast), shows=shown(cast, roles)) for name, act, title, roles in ACTS)


def shown(cast: Cast, roles: tuple[str, ...]) -> Mapping[str, str]:
    people = [getattr(cast, role).person for role in roles]
    return {person.platform: person.id for person in people}

"""Believable demo data in Japanese and English, made through the real rules: people, open jobs, finished contracts."""

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Connection, Engine

import clock
import money_kind
from conversations.messages import Sender
from engine import calendar
from engine.applications import Application, Apply
from engine.contracts import AgreeTerms, Contract, Hire
from engine.deliveries import AcceptWork, Deliver
from engine.handle import TimeIsUp, handle
from engine.jobs import Job, PostJob
from engine.payments import ConfirmPayment, Payment
from engine.payouts import ConfirmPayout, Payout
from engine.ports import NOBODY, Command, Decision, Thing
from engine.reviews import LeaveReview
from engine.thanks import SayThanks
from engine.users import Join, User
from payments.ports import CURRENCY, Done
from settings import Settings
from storage import operations
from storage.chain import DEMO_KEY
from storage.database import begin, migrate, open_database
from storage.store import Store

PROVIDER = "pretend"
TENANT = "seed"
PLATFORMS = ("line", "slack", "telegram")
HISTORY_DAYS = 60
ERRANDS_AT_ONCE = 100
FAMILY = {
    "ja": ("伊藤", "渡辺", "中村", "小林", "加藤", "吉田"),
    "en": ("Baker", "Costa", "Diaz", "Evans", "Fischer", "Green"),
}
GIVEN = {"ja": ("陽子", "健", "由美", "翔", "さくら", "亮"), "en": ("Ann", "Ben", "Clara", "David", "Eva", "Finn")}
JOBS = {
    "ja": (
        ("カフェの黒板メニューのイラスト", 12_000, "A1の黒板に描く季節の飲みもの3点。データ納品です。"),
        ("引っ越しの荷ほどきリスト作成", 5_000, "写真から家財の一覧をつくってください。"),
        ("整体院のホームページの文章", 18_000, "トップとよくある質問、あわせて2000文字ほど。"),
        ("結婚式の席札デザイン", 15_000, "名前の差し替えができる形でお願いします。"),
        ("町内会だよりの校正", 4_000, "A4で4ページ。誤字と言い回しの確認。"),
        ("和菓子の商品写真の切り抜き", 9_000, "30点、背景を白にしてください。"),
    ),
    "en": (
        ("Translate a bakery menu into English", 8_000, "About 40 items, with short notes on allergens."),
        ("Subtitles for a pottery video", 14_000, "Twelve minutes, Japanese audio, English subtitles."),
        ("Spreadsheet for a book club", 6_000, "Who has which book, and when it is due back."),
        ("Poster for a neighbourhood concert", 16_000, "A2, one colour plus black."),
        ("Proofread a travel blog post", 5_000, "1,500 words, British spelling."),
        ("Icons for a walking map", 11_000, "Twelve small signs: water, bench, toilet, shrine …"),
    ),
}
PITCH = {
    "ja": "同じような仕事を何度かしています。ていねいに進めます。",
    "en": "I have done this kind of work before and will keep you posted.",
}
WORK = {"ja": "できあがりました。ご確認ください。", "en": "Here it is. Please have a look."}
PRAISE = {"ja": "連絡が早く、安心してお任せできました。", "en": "Quick to answer, a pleasure to work with."}
THANKS = {"ja": "ほんとうに助かりました", "en": "You really helped us out"}
# An id of each platform's own shape, far from those of the playground's people.
ADDRESS = {"line": "Uf{:031x}", "slack": "U9SEED{:04d}", "telegram": "88{:07d}"}

T = TypeVar("T", bound=Thing)


def do(engine: Engine, at: datetime, wanted: Command) -> Decision:
    """One command by the real rules at a time of its own; nobody is told, these people hold no phone."""
    with begin(engine) as connection:
        # Many payouts fall on one run, so a time alone would name several causes.
        cause = f"seed:{uuid.uuid4().hex}"
        store = store_on(connection, at, cause)
        decision = handle(wanted, store)
        store.carry_out(decision, wanted)
        store.flush()
    return decision


def store_on(connection: Connection, at: datetime, cause: str) -> Store:
    key = connection.get_execution_options().get("audit_key", DEMO_KEY)
    return Store(connection, now=at, cause=cause, provider=PROVIDER, audit_key=key)


def made(decision: Decision, kind: type[T]) -> T:
    return next(thing for thing in decision.things if isinstance(thing, kind))


def join(engine: Engine, at: datetime, number: int) -> User:
    language = "en" if number % 3 == 2 else "ja"  # noqa: PLR2004 - one in three speaks English
    platform = PLATFORMS[number % len(PLATFORMS)]
    family, given = FAMILY[language], GIVEN[language]
    names = (family[number % len(family)], given[number // len(family) % len(given)])
    name = "".join(names) if language == "ja" else " ".join(reversed(names))
    wanted = Join(
        by=NOBODY,
        platform=platform,
        tenant=TENANT,
        outside_id=ADDRESS[platform].format(number),
        name=name,
        language=language,
    )
    return made(do(engine, at, wanted), User)


def post(engine: Engine, at: datetime, client: User, number: int) -> Job:
    title, price, description = JOBS[client.language][number % len(JOBS[client.language])]
    due = calendar.local_day(at) + timedelta(days=10 + number % 9)
    wanted = PostJob(by=client.id, title=title, description=description, price=price, due=due)
    return made(do(engine, at, wanted), Job)


def finish(engine: Engine, at: datetime, client: User, worker: User, number: int, dice: random.Random) -> None:
    """A contract from posting to payout, review and thanks, over some days."""
    job = post(engine, at, client, number)
    hour = timedelta(hours=1)
    applied = do(engine, at + hour, Apply(by=worker.id, job_id=job.id, price=job.price, words=PITCH[worker.language]))
    hired = do(engine, at + 2 * hour, Hire(by=client.id, application_id=made(applied, Application).id))
    deal = made(hired, Contract)
    do(engine, at + 3 * hour, AgreeTerms(by=client.id, contract_id=deal.id, terms_hash=deal.terms_hash))
    agreed = do(engine, at + 4 * hour, AgreeTerms(by=worker.id, contract_id=deal.id, terms_hash=deal.terms_hash))
    payment = made(agreed, Payment)
    paid = ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=payment.amount, reference=f"seed-{payment.id}")
    do(engine, at + 5 * hour, paid)
    work = WORK[worker.language]
    delivery = Deliver(by=worker.id, contract_id=deal.id, kind="text", body=work, file_id=0, sha256="")
    do(engine, at + timedelta(days=2), delivery)
    do(engine, at + timedelta(days=3), AcceptWork(by=client.id, contract_id=deal.id, price=deal.price))
    for person in (client, worker):
        stars = [dice.choice((4, 5, 5, 5)) for _ in range(5)]
        do(
            engine,
            at + timedelta(days=3, hours=2),
            LeaveReview(
                by=person.id,
                contract_id=deal.id,
                skill=stars[0],
                quality=stars[1],
                schedule=stars[2],
                communication=stars[3],
                partnership=stars[4],
                comment=PRAISE[person.language],
                again=dice.choice((8, 9, 10)),
            ),
        )
    words = THANKS[client.language]
    do(engine, at + timedelta(days=3, hours=3), SayThanks(by=client.id, contract_id=deal.id, words=words, tip=0))
    run = calendar.next_payout_run(at + timedelta(days=3))
    sent = do(engine, run, TimeIsUp(by=NOBODY, noun="user", thing_id=worker.id, name="pay_out"))
    do(engine, run + hour, ConfirmPayout(by=NOBODY, payout_id=made(sent, Payout).id))


def hang_up(engine: Engine, now: datetime, people: Sequence[User]) -> None:
    """They hold no phone, so the clock's later notices would only pile up as undeliverable."""
    with begin(engine) as connection:
        store = store_on(connection, now, "seed")
        for number, person in enumerate(people):
            platform = PLATFORMS[number % len(PLATFORMS)]
            sender = Sender(platform, TENANT, ADDRESS[platform].format(number), person.name, person.language)
            store.set_blocked(sender, blocked=True)
        store.flush()


def settle_errands(engine: Engine, now: datetime) -> None:
    """What was asked of the provider along the way has long happened; nobody shall ask again."""
    with begin(engine) as connection:
        while rows := operations.claim(connection, now, ERRANDS_AT_ONCE, lease_seconds=1, money=PROVIDER):
            operations.settle(connection, [(row, Done(row.amount, CURRENCY, "seed"), now) for row in rows])


def plant(engine: Engine, now: datetime, people: int, console: Console, *, audit_key: str = DEMO_KEY) -> None:
    """`people` people; a finished contract and an open job for about each second one. Progress on `console`."""
    engine = engine.execution_options(audit_key=audit_key)
    dice = random.Random(people)  # noqa: S311 - the same demo each time, nothing is secret about it
    start = now - timedelta(days=HISTORY_DAYS)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Planting people, jobs and history", total=people * 2)
        users = []
        for number in range(people):
            users.append(join(engine, start + timedelta(minutes=number), number))
            progress.advance(task)
        for number, (client, worker) in enumerate(zip(users[::2], users[1::2], strict=False)):
            finish(engine, start + timedelta(days=1, hours=5 * number), client, worker, number, dice)
            progress.advance(task)
            post(engine, now - timedelta(hours=2 + number), client, number + 1)
            progress.advance(task)
    settle_errands(engine, now)
    hang_up(engine, now, users)


def plant_at(settings: Settings, people: int, console: Console) -> None:
    """Raises WrongSettings if the database is in another money."""
    engine = open_database(settings.database_url)
    migrate(engine, clock.now(), audit_key=settings.audit_key)
    money_kind.keep(engine, settings, clock.now())
    plant(engine, clock.now(), people, console, audit_key=settings.audit_key)
    console.print(f"[green]✓[/] {people} people with their jobs and history")

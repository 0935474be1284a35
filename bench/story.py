"""Whole stories: conversation, engine and storage without HTTP, on both databases; and once over HTTP."""

import time
from typing import Any

import headless
from bench.measure import Say, Size, databases, fresh
from bench.stage import OPERATOR_ID, Person, Stage, staged
from conversations.messages import Arrived
from storage.check import check

OFFER, TIP = "28000", "300"
STARS = 5


def run(size: Size, say: Say) -> dict[str, Any]:
    found: dict[str, Any] = {"databases": {}}
    for kind in databases():
        say(f"{size.stories} stories on {kind}")
        found["databases"][kind] = measured(kind, size.stories)
    say("once over HTTP")
    return found | {"http": over_http()}


def measured(kind: str, stories: int) -> dict[str, float]:
    with fresh(kind) as url, staged(url) as stage:
        # The first one loads templates and compiles statements.
        play(stage, 0)
        stage.spent, stage.events, stage.statements = 0.0, 0, 0
        for number in range(1, stories + 1):
            play(stage, number)
        with stage.engine.connect() as connection:
            violations = check(connection)
        assert not violations, f"the books are wrong: {violations}"
        return {
            "stories_per_second": round(stories / stage.spent, 2),
            "events_per_second": round(stage.events / stage.spent, 1),
            "events_per_story": round(stage.events / stories, 1),
            "statements_per_event": round(stage.statements / stage.events, 1),
        }


def over_http() -> dict[str, Any]:
    """Loading the SDKs and the phones' own waiting are part of it."""
    begun = time.perf_counter()
    told = headless.play("line", "slack", "telegram", "ja", lambda _: None)
    seconds = round(time.perf_counter() - begun, 1)
    return {"seconds": seconds, "scenes": len(told.scenes), "trouble": told.trouble}


def play(stage: Stage, number: int) -> None:
    """The main story, from the first hello to the operator's answer."""
    client = stage.person("line", f"client-{number}", "佐藤花子")
    worker = stage.person("slack", f"worker-{number}", "山田舞")
    other = stage.person("slack", f"other-{number}", "山田舞")
    operator = stage.person("telegram", OPERATOR_ID, "高橋葵")
    for person in (client, worker, other, operator):
        stage.hear(person, Arrived())
    stage.says(client, "恵比寿の店のロゴを3万円で来週金曜まで")
    stage.taps(client, "post_job.go")
    apply(stage, worker, OFFER)
    apply(stage, other, "31000")
    stage.taps(client, "compare.menu")
    stage.taps(client, "hire.menu")
    stage.taps(client, "hire.go")
    for person in (client, worker):
        stage.taps(person, "agree_terms.menu")
        stage.taps(person, "agree_terms.agree")
    stage.pay()
    work(stage, client, worker)
    after_the_work(stage, client, worker)
    moderate(stage, other, operator)


def apply(stage: Stage, worker: Person, price: str) -> None:
    stage.says(worker, worker.word("find_work.menu"))
    stage.taps(worker, "apply.menu")
    stage.says(worker, "カフェのロゴを12件つくりました。")
    stage.taps(worker, "common.edit")
    stage.taps(worker, "apply.field_price")
    stage.says(worker, price)
    stage.taps(worker, "apply.go")


def work(stage: Stage, client: Person, worker: Person) -> None:
    deliver(stage, worker, "初稿です。丸みのある文字にしました。")
    stage.taps(client, "request_changes.menu")
    stage.says(client, "もう少し落ち着いた色にしてください。")
    stage.taps(client, "request_changes.go")
    deliver(stage, worker, "https://example.com/logo-final.png")
    stage.taps(client, "accept_work.menu")
    stage.taps_amount(client, f"{int(OFFER):,}円")


def deliver(stage: Stage, worker: Person, words: str) -> None:
    stage.taps(worker, "deliver.menu")
    stage.says(worker, words)
    stage.taps(worker, "deliver.go")


def after_the_work(stage: Stage, client: Person, worker: Person) -> None:
    stage.to_payout()
    for person in (client, worker):
        stage.taps(person, "review.menu")
        for answer in (*["5"] * STARS, "とてもていねいな仕事でした。", "10"):
            stage.says(person, answer)
        stage.taps(person, "review.go")
    stage.taps(client, "say_thanks.menu")
    stage.says(client, "店がぱっと明るくなりました")
    stage.says(client, TIP)
    stage.taps(client, "say_thanks.go")
    stage.pay()


def moderate(stage: Stage, author: Person, operator: Person) -> None:
    stage.says(author, "かんたんな作業を5000円で来週金曜まで。くわしくはLINEのIDを追加してください")
    stage.taps(author, "post_job.go")
    stage.says(operator, operator.word("queue.menu"))
    stage.taps(operator, "reject.menu")
    stage.says(operator, "連絡先の交換は契約のあとでお願いします")
    stage.says(operator, operator.word("figures.menu"))

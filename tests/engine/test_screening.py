"""審査: what is held, with which reason, and what looks alike and is not."""

import json
import os
import re
from pathlib import Path

import pytest

from engine import screening

PUBLIC = (
    Path(os.environ.get("ARIGATO_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "ja_jobs" / "public.jsonl"
)
PRECISION_MIN = 0.95
# The rules were written with these posts in sight: on others the recall is lower.
RECALL_MIN = 0.85


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("詳しくはLINE追加でお願いします", "off_platform"),
        ("ラ イ ン で友だち登録してください", "off_platform"),
        ("ﾗｲﾝ追加で", "off_platform"),
        ("contact me on Telegram", "off_platform"),
        ("連絡は worker★gmail.com まで", "off_platform"),
        ("お電話ください 090-0000-0000", "off_platform"),
        ("2回目以降は手数料がもったいないので", "direct_deal"),
        ("we can avoid the fees", "direct_deal"),
        ("登録料5,000円を先に振込んでください", "prepay"),
        ("使っていない口座を買い取ります", "account_trade"),
        ("来店していない方も星5の口コミ、来店していなくて大丈夫です", "fake_review"),
        ("免許証の写真を送ってください", "pii"),
        ("テスト記事は無報酬です", "unpaid_test"),
        ("権利収入が得られます", "mlm_info"),
        ("卒論を代筆してください", "academic"),
        ("高額即日。荷物の受け取りと運びです", "yami"),
        ("CAPTCHA突破ツールの作成", "abuse_tools"),
        ("オンラインカジノの紹介記事", "illegal_goods"),
        ("指定リンクから口座開設の登録をするだけ", "self_affiliate"),
        ("会員になりきってメッセージを返す", "deception"),
        ("お急ぎの方は直接ご連絡ください", "off_platform"),
        ("今後は直取引でお願いします", "direct_deal"),
        ("材料の代金を一旦立て替えてください", "prepay"),
        ("ご自身の名義で携帯を契約し、当方へ渡すだけ", "account_trade"),
        ("行ったことがなくても架空の体験を書いてください", "fake_review"),
        ("カード番号を全桁入力してください", "pii"),
        ("ロゴ提案、報酬は採用時のみ", "unpaid_test"),
        ("マニュアルをご購入いただき感想を送る", "mlm_info"),
        ("コピペチェックに引っかからないように言い換える", "copyright"),
        ("夏休みの宿題を清書までお願いします", "academic"),
        ("夜中に運ぶだけ。詳しい内容は当日お伝えします", "yami"),
        ("購入制限を回避する仕組み", "abuse_tools"),
        ("弁護士の名前で回答を書く", "illegal_goods"),
        ("ブログ経由で商品を購入", "self_affiliate"),
        ("大企業の採用担当を名乗ってDMを送る", "deception"),
        ("1文字0.1円の記事", "price_low"),
    ],
)
def test_a_doubtful_post_is_held_with_its_reason(text: str, code: str) -> None:
    assert code in screening.screen(text, 30_000, 0)


@pytest.mark.parametrize(
    "text",
    [
        "恵比寿の店のロゴを作ってください",
        "LINEスタンプのイラスト 40個",
        "LINE公式アカウント構築の手伝い。やり取りは本サイト内で",
        "お問い合わせ先の例は info@example.com です",
        "登録料は一切かかりません",
        "口コミへの返信文の作成。星5の口コミにお礼を、来店していない方への返信文も",
        "論文の校正と代筆ではない添削",
        "ISBN 080-0000-0000 の書誌を調べる",
        "アカウント権限管理の解説記事、アカウントを譲渡するときの解説",
        "引っ越し手伝い 5,000円 土曜",
        "Write a short guide to our online shop",
        "交通費は実費支給、立て替えた費用の負担はありません",
        "リライト。著作権は当社にあります。無断転載はしません",
        "なりすまし対策の解説記事",
        "画像認証の仕組みの解説",
        "コピペチェックツールで確認して納品",
        "1文字1.2円の攻略記事",
        "宿題の教え方を動画にする家庭教師",
    ],
)
def test_what_only_looks_alike_is_published(text: str) -> None:
    assert screening.screen(text, 30_000, 0) == ()


@pytest.mark.parametrize(
    "text", ["1000文字の記事", "1,000字の記事", "１，０００文字の記事", "見出し100字と本文1,000字"]
)
@pytest.mark.parametrize(("price", "reasons"), [(299, ("price_low",)), (300, ())])
def test_a_price_far_below_the_work_is_held(text: str, price: int, reasons: tuple[str, ...]) -> None:
    assert screening.screen(text, price, 0) == reasons


@pytest.mark.parametrize(("lately", "reasons"), [(5, ("too_many_posts",)), (4, ())])
def test_many_posts_in_an_hour_are_held(lately: int, reasons: tuple[str, ...]) -> None:
    assert screening.screen("ロゴ", 30_000, lately) == reasons


def test_every_reason_is_listed_for_the_words() -> None:
    assert {code for code, _, _ in screening.RULES} <= set(screening.CODES)
    assert len(set(screening.CODES)) == len(screening.CODES)


def test_hostile_text_is_read_in_time() -> None:
    assert screening.screen("らいん" * 1_000 + "\u200b" * 1_000 + "a" * 10_000, 30_000, 0) == ()


@pytest.mark.skipif(not PUBLIC.exists(), reason=f"no data set at {PUBLIC.name}: shared/data is not beside the checkout")
def test_screening_holds_few_good_posts_and_finds_bad_ones(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(row) for row in PUBLIC.read_text(encoding="utf-8").splitlines()]
    held = [(row["label"], bool(screened(row["text"]))) for row in rows]

    hits = sum(bad and found for bad, found in held)
    precision = hits / sum(found for _, found in held)
    recall = hits / sum(bad for bad, _ in held)

    with capsys.disabled():
        print(f"\nscreening of {len(rows)} posts: precision {precision:.2f}, recall {recall:.2f}")  # noqa: T201 - the figure is wanted
    assert precision >= PRECISION_MIN
    assert recall >= RECALL_MIN


def screened(post: dict[str, str]) -> tuple[str, ...]:
    price = int(re.sub(r"\D", "", post["budget"]) or 0)
    return screening.screen(f"{post['title']}\n{post['description']}", price, 0)

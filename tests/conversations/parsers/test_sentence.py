"""Whole posts in one sentence: what is read, what is left open, and what stays in the title."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.parsers.days import Day
from conversations.parsers.sentence import Sentence, understand

NOW = datetime(2026, 7, 15, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))  # a Wednesday
FRIDAY = Day(date(2026, 7, 17), None, None)
SATURDAY = Day(date(2026, 7, 18), None, None)
NEXT_FRIDAY = Day(date(2026, 7, 24), None, None)
NEXT_FRIDAY_OR_THIS = Day(date(2026, 7, 24), None, date(2026, 7, 17))
MONTH_END = Day(date(2026, 7, 31), None, None)
TOMORROW = Day(date(2026, 7, 16), None, None)
IN_48_HOURS = Day(date(2026, 7, 17), time(10), None)
AUGUST_10 = Day(date(2026, 8, 10), None, None)

DESIGN: list[tuple[str, Sentence]] = [
    ("恵比寿の店のロゴを3万円で来週金曜まで", Sentence("恵比寿の店のロゴ", 30_000, NEXT_FRIDAY)),
    ("カフェのロゴを3万円で来週金曜までに", Sentence("カフェのロゴ", 30_000, NEXT_FRIDAY)),
    ("Logo for my cafe, 30,000 yen, by next Friday", Sentence("Logo for my cafe", 30_000, NEXT_FRIDAY_OR_THIS)),
    ("引っ越し手伝い 5,000円 土曜", Sentence("引っ越し手伝い", 5_000, SATURDAY)),
]

# Written before the sentence grammar was first run.
HELDOUT: list[tuple[str, Sentence]] = [
    ("ブログ記事 2000文字 5本 3万円 月末まで", Sentence("ブログ記事 2000文字 5本", 30_000, MONTH_END)),
    ("引っ越し手伝い2人 1万円 今週土曜", Sentence("引っ越し手伝い2人", 10_000, SATURDAY)),
    ("来週金曜までに恵比寿の店のロゴを３万円でお願いします", Sentence("恵比寿の店のロゴ", 30_000, NEXT_FRIDAY)),
    ("3万円でカフェのロゴを作ってほしい、月末まで", Sentence("カフェのロゴを作ってほしい", 30_000, MONTH_END)),
    ("土曜に引っ越しの手伝い 5000円", Sentence("引っ越しの手伝い", 5_000, SATURDAY)),
    ("明日の犬の散歩を2千円で", Sentence("犬の散歩", 2_000, TOMORROW)),
    ("ＬＰデザイン、予算は5万円くらい、納期は7/31", Sentence("ＬＰデザイン", 50_000, MONTH_END)),
    ("翻訳（日→英）1.5万円 7月末", Sentence("翻訳（日→英）", 15_000, MONTH_END)),
    ("毎週土曜の清掃 5000円", Sentence("毎週土曜の清掃", 5_000, None)),
    ("毎週土曜の清掃 5000円 月末まで", Sentence("毎週土曜の清掃", 5_000, MONTH_END)),
    ("家事手伝い 時給1200円", Sentence("家事手伝い 時給1200円", None, None)),
    ("記事作成 1文字1円 月末まで", Sentence("記事作成 1文字1円", None, MONTH_END)),
    ("ロゴを1万〜2万円で来週金曜まで", Sentence("ロゴ", None, NEXT_FRIDAY)),
    ("4K動画の編集 3万円", Sentence("4K動画の編集", 30_000, None)),
    ("3万人のフォロワーがいるアカウントの運用", Sentence("3万人のフォロワーがいるアカウントの運用", None, None)),
    ("100円ショップの棚の組み立て 3,000円 土曜", Sentence("100円ショップの棚の組み立て", 3_000, SATURDAY)),
    ("明日香村のパンフレットを5万円で", Sentence("明日香村のパンフレット", 50_000, None)),
    ("7月末の決算資料を1万円で来週金曜まで", Sentence("7月末の決算資料", 10_000, NEXT_FRIDAY)),
    ("3日間の撮影 10万円", Sentence("3日間の撮影", 100_000, None)),
    ("1/144スケールの模型 5000円", Sentence("1/144スケールの模型", 5_000, None)),
    ("24時間以内にバナー3枚 6000円", Sentence("バナー3枚", 6_000, Day(date(2026, 7, 16), time(10), None))),
    ("ロゴを30000で来週金曜まで", Sentence("ロゴ", 30_000, NEXT_FRIDAY)),
    ("ロゴを3万円か5万円で", Sentence("ロゴを3万円か5万円で", None, None)),
    ("ロゴを3万円で2/30まで", Sentence("ロゴ", 30_000, None)),
    ("金曜か土曜までに棚の組み立て 4000円", Sentence("金曜か土曜までに棚の組み立て", 4_000, None)),
    ("カフェのロゴ", Sentence("カフェのロゴ", None, None)),
    ("3万円で来週金曜まで", Sentence(None, 30_000, NEXT_FRIDAY)),
    ("来週金曜まで", Sentence(None, None, NEXT_FRIDAY)),
    ("3万円", Sentence(None, 30_000, None)),
    ("かに 5000円", Sentence("かに", 5_000, None)),
    ("ロゴ制作\n3万円\n来週金曜まで", Sentence("ロゴ制作", 30_000, NEXT_FRIDAY)),
    ("ﾛｺﾞ制作を¥30,000で今月いっぱい", Sentence("ﾛｺﾞ制作", 30_000, MONTH_END)),
    ("金曜18時までに資料の修正、8千円", Sentence("資料の修正", 8_000, Day(date(2026, 7, 17), time(18), None))),
    ("ロゴを3万円で来週金曜まで、色は青で", Sentence("ロゴ、色は青で", 30_000, NEXT_FRIDAY)),
    ("猫の世話を頼みたい 3000円 今週土曜", Sentence("猫の世話", 3_000, SATURDAY)),
    ("20日から25日まで猫の世話 1万円", Sentence("20日から25日まで猫の世話", 10_000, None)),
    ("Need help moving on Saturday, ¥5,000", Sentence("help moving", 5_000, SATURDAY)),
    ("Translate 5 pages by tomorrow for 8,000 yen", Sentence("Translate 5 pages", 8_000, TOMORROW)),
    ("I need a logo for my cafe by next Friday, budget 30k", Sentence("logo for my cafe", 30_000, NEXT_FRIDAY_OR_THIS)),
    ("Black Friday banner, 5000 yen, by July 31", Sentence("Black Friday banner", 5_000, MONTH_END)),
    ("Friday newsletter, 5000 yen", Sentence("Friday newsletter", 5_000, None)),
    ("Clean the office every Friday, 5000 yen", Sentence("Clean the office every Friday", 5_000, None)),
    ("Design a sun logo for 20,000 yen", Sentence("Design a sun logo", 20_000, None)),
    ("Edit a 4k video, 30,000 yen, end of month", Sentence("Edit a 4k video", 30_000, MONTH_END)),
    ("Tutor, 3000 yen per hour", Sentence("Tutor, 3000 yen per hour", None, None)),
    ("Get me 10k followers, 5000 yen", Sentence("Get me 10k followers", 5_000, None)),
    ("Logo, $300, by Friday", Sentence("Logo, $300", None, FRIDAY)),
    ("Write 3 articles within 48 hours, 9,000 yen", Sentence("Write 3 articles", 9_000, IN_48_HOURS)),
    ("Logo for my cafe, 30000, by Friday please", Sentence("Logo for my cafe", 30_000, FRIDAY)),
    ("5000 yen: walk my dog tomorrow", Sentence("walk my dog", 5_000, TOMORROW)),
    ("24/7 support page, 20k, by 7/31", Sentence("24/7 support page", 20_000, MONTH_END)),
    ("", Sentence(None, None, None)),
]  # fmt: skip

# Found by looking at what it made of other sentences.
MENDED: list[tuple[str, Sentence]] = [
    ("ロゴデザイン（3案） 3万円（税込） 納期：7月末", Sentence("ロゴデザイン（3案）", 30_000, MONTH_END)),
    ("月10万円でSNS運用", Sentence("月10万円でSNS運用", None, None)),
    ("毎月5万円で経理", Sentence("毎月5万円で経理", None, None)),
    ("チラシを月末までに2万円でお願いできますか", Sentence("チラシ", 20_000, MONTH_END)),
    ("Look after my cat for 5 days, 5000 yen", Sentence("Look after my cat for 5 days", 5_000, None)),
    ("Logo,5000円,by Friday", Sentence("Logo", 5_000, FRIDAY)),
    ("いぬのさんぽ 3000円", Sentence("いぬのさんぽ", 3_000, None)),
    ("ロゴを3日で 5000円", Sentence("ロゴを3日で", 5_000, None)),
    ("結婚式の余興動画 3万円 10/10", Sentence("結婚式の余興動画", 30_000, Day(date(2026, 10, 10), None, None))),
    ("三軒茶屋の八百屋のチラシを一万円で十日まで", Sentence("三軒茶屋の八百屋のチラシ", 10_000, AUGUST_10)),
    ("会費3000円のイベントの受付", Sentence("会費3000円のイベントの受付", None, None)),
    ("3万円の椅子の組み立て 2000円", Sentence("3万円の椅子の組み立て", 2_000, None)),
    ("Second-hand 30k yen camera review", Sentence("Second-hand 30k yen camera review", None, None)),
    ("Buy a 500 yen stamp, 1,000 yen, by Friday", Sentence("Buy a 500 yen stamp", 1_000, FRIDAY)),
    ("5000 yen for 3 hours of cleaning on Saturday", Sentence("3 hours of cleaning", 5_000, SATURDAY)),
    ("Design: logo. Price: 30000. Due: July 31.", Sentence("Design: logo", 30_000, MONTH_END)),
    ("税込33,000円でロゴ", Sentence("ロゴ", 33_000, None)),
    ("ロゴ3案を30,000円（税別）で月末", Sentence("ロゴ3案を30,000円（税別）", None, MONTH_END)),
    ("月4回の家庭教師 2万円", Sentence("月4回の家庭教師", 20_000, None)),
    ("3人で引っ越し手伝い 1人5000円 土曜", Sentence("3人で引っ越し手伝い 1人5000円", None, SATURDAY)),
    ("！？", Sentence(None, None, None)),
    ("👍", Sentence(None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), DESIGN)
def test_understand_reads_design_sentence(said: str, expected: Sentence) -> None:
    assert understand(said, NOW) == expected


@pytest.mark.parametrize(("said", "expected"), HELDOUT + MENDED)
def test_understand_reads_heldout_sentence(said: str, expected: Sentence) -> None:
    assert understand(said, NOW) == expected


@given(
    st.sampled_from(["カフェのロゴ", "引っ越し手伝い2人", "記事 2000文字"]),
    st.integers(1, 999_999),
    st.integers(0, 300),
)
def test_understand_finds_every_amount_and_date(title: str, price: int, ahead: int) -> None:
    due = date.fromordinal(NOW.date().toordinal() + ahead)

    read = understand(f"{title}を{price:,}円で{due.month}月{due.day}日までに", NOW)

    assert read == Sentence(title, price, Day(due, None, None))


@given(st.text(alphabet="ロゴをで、はに円万千0123456789,.月日まで金曜来週 byfor yen/~〜毎末\n", max_size=60))
def test_understand_invents_no_letter(said: str) -> None:
    read = understand(said, NOW)

    assert read.title is None or set(read.title) <= set(said) | {" "}
    assert read.price is None or read.price > 0

"""Comparing and shortening what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.parsers.text import fold, graphemes, matches, normalise, short

FAMILY = "👨‍👩‍👧"
FLAG = "🇯🇵"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("  ＨＥＬＰ　me ", "help me"),
        ("ﾍﾙﾌﾟ", "ヘルプ"),
        ("Straße", "strasse"),
        ("a\n\tb", "a b"),
        ("", ""),
    ],
)
def test_normalise_makes_one_form(said: str, expected: str) -> None:
    assert normalise(said) == expected


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("検収する", "✅ 検収する"),
        ("やめる。", "やめる"),
        ("ヘルプ", "ﾍﾙﾌﾟ"),
        ("BACK", "← Back"),
        ("「戻る」", "戻る"),
        ("3万円で募集する", "３万円で募集する"),
        ("★★★", "★★★"),
        ("なぜ?", "なぜ？"),
    ],
)
def test_matches_the_label_of_a_button(said: str, label: str) -> None:
    assert matches(said, label)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("検収", "検収する"),
        ("検収しない", "検収する"),
        ("", ""),
        ("", "★"),
        ("★★", "★★★"),
        ("back up", "Back"),
        ("…", "✅"),
    ],
)
def test_matches_no_other_label(said: str, label: str) -> None:
    assert not matches(said, label)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("カフェのロゴ", 6, "カフェのロゴ"),
        ("カフェのロゴ", 5, "カフェの…"),
        ("", 5, ""),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        (FAMILY * 3, 3, FAMILY * 3),
        (FAMILY * 3, 2, FAMILY + "…"),
        (FLAG * 3, 2, FLAG + "…"),
        ("か\u3099き\u3099く\u3099", 2, "か\u3099…"),
        ("👍🏽👍🏽👍🏽", 2, "👍🏽…"),
        ("one two", 5, "one…"),
        ("❤️‍🔥ok", 2, "❤️‍🔥…"),
    ],
)
def test_short_never_cuts_through_a_letter(text: str, limit: int, expected: str) -> None:
    assert short(text, limit) == expected


def test_short_counts_a_flood_of_marks() -> None:
    flood = "a" + "\u0301" * 10_000

    kept = short(flood, 5)

    assert len(kept) < 200


@given(st.text(max_size=80), st.integers(0, 30))
def test_short_keeps_to_its_limit(text: str, limit: int) -> None:
    kept = short(text, limit)

    assert len(graphemes(kept)) <= limit
    assert kept == text or text.startswith(kept.removesuffix("…"))


@given(st.text(max_size=80))
def test_fold_knows_where_each_letter_came_from(text: str) -> None:
    folded = fold(text)

    assert "".join(graphemes(text)) == text
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert folded.cut(0, len(folded.text)) in text


def test_fold_leaves_raised_and_circled_digits_alone() -> None:
    assert fold("１０² ①").text == "10² ①"

"""Nothing unseen leaves, nothing is longer than allowed, and no sign is torn apart."""

import pytest

from bots import text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("hello\nworld", "hello\nworld"),
        ("日本語、（ロゴ）", "日本語、（ロゴ）"),
        ("a\u202eb\u2066c\u2069d", "abcd"),
        ("a\u200bb\u200cc\u2060d\ufeffe", "abcde"),
        ("x\U000e0041\U000e007fy", "xy"),
        ("tab\tbell\x07null\x00", "tab bellnull"),
        ("z" + "\u0301" * 40, "z" + "\u0301" * 3),
        ("か\u3099", "か\u3099"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("👍🏽", "👍🏽"),
        ("a\u200db", "ab"),
        ("\ud800x", "x"),
        ("line\u2028two", "line\ntwo"),
        ("\u3164\u2800name", "name"),
        ("z" + "\u0301\u0301\u0301\u200b" * 9, "z\u0301\u0301\u0301"),
        ("🎉\u200d\u2800x", "🎉x"),
        ("a\u17b4\u180b\U000e0fff\u2065b", "ab"),
        ("葛\U000e0100", "葛\U000e0100"),
    ],
)
def test_shown_keeps_what_is_seen(given: str, expected: str) -> None:
    assert text.shown(given) == expected


def test_cuts_count_in_the_platform_s_own_unit() -> None:
    emoji = "🎉" * 30

    assert text.utf16_units(text.cut_utf16(emoji, 21)) == 21
    assert text.graphemes_at_most(text.cut_graphemes(emoji, 20)) == 20
    assert len(text.cut_characters(emoji, 20)) == 20
    assert text.cut_bytes("é" * 40, 64) == "é" * 32


def test_cuts_leave_what_fits_alone() -> None:
    words = "が" * 20

    assert [text.cut_utf16(words, 20), text.cut_graphemes(words, 20), text.cut_characters(words, 20)] == [words] * 3


def test_cut_ends_no_text_with_a_joiner() -> None:
    family = "👨\u200d👩\u200d👧\u200d👦"

    assert [sign for limit in range(2, 12) if (sign := text.cut_utf16(family, limit)).endswith("\u200d…")] == []


def test_pieces_give_back_the_whole_text() -> None:
    words = "\n".join(f"{number}行目の文です。" for number in range(900))

    parts = text.pieces(words, 1000)

    assert max(text.utf16_units(part) for part in parts) <= 1000
    assert "\n".join(parts) == words


def test_kept_words_can_be_stored() -> None:
    assert text.kept("a\ud800\x00b🎉") == "a\ufffdb🎉"

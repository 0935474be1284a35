"""A code says one id of one noun, and a slip of the finger is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import codes

IDS = st.integers(1, codes.SPACE - 1)
NOUNS = st.sampled_from(sorted(codes.LETTERS))


@given(NOUNS, IDS)
def test_code_reads_back(noun: str, thing_id: int) -> None:
    assert codes.read(noun, codes.code(noun, thing_id)) == thing_id


@given(NOUNS, IDS, st.integers(2, codes.DIGITS + 2), st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_found(noun: str, thing_id: int, place: int, wrong: str) -> None:
    right = codes.code(noun, thing_id)
    written = right[:place] + wrong + right[place + 1 :]

    assert codes.read(noun, written) == (thing_id if written == right else None)


@given(NOUNS, IDS, st.integers(2, codes.DIGITS))
def test_two_swapped_neighbours_are_found(noun: str, thing_id: int, place: int) -> None:
    right = codes.code(noun, thing_id)
    written = right[:place] + right[place + 1] + right[place] + right[place + 2 :]

    assert codes.read(noun, written) == (thing_id if written == right else None)


def test_small_letters_and_space_around_are_read() -> None:
    right = codes.code("job", 7)

    assert codes.read("job", f" {right.lower()} ") == 7


@pytest.mark.parametrize(
    ("noun", "thing_id", "written"),
    [("job", 1, "J-DGFK24E"), ("contract", 2, "C-V207483"), ("user", 123_456_789, "U-DFWK48Q")],
)
def test_a_number_somebody_has_noted_means_the_same_for_ever(noun: str, thing_id: int, written: str) -> None:
    assert codes.code(noun, thing_id) == written
    assert codes.read(noun, written) == thing_id


def test_a_code_of_another_noun_is_not_read() -> None:
    assert codes.read("job", codes.code("user", 7)) is None


@pytest.mark.parametrize(
    "written", ["", "J-", "J-0", "7", "J-OOOOOOO", "J 0000000", "Ｊ-0000000", "J-00000000", "J-!000000", "J-000000!"]
)
def test_what_is_no_code_is_not_read(written: str) -> None:
    assert codes.read("job", written) is None


def test_neighbours_do_not_look_alike() -> None:
    one, two = codes.code("contract", 1), codes.code("contract", 2)

    assert sum(a == b for a, b in zip(one[2:], two[2:], strict=True)) <= 3


@pytest.mark.parametrize(
    ("random", "told"),
    [
        (bytes(16), "0000-0000-0000"),
        (b"\xff" * 16, "7EK1-QVW8-SPN7"),
        (bytes(range(16)), "MR5R-2PW6-2G95"),
    ],
)
def test_a_secret_code_is_made_of_chance_and_read_back(random: bytes, told: str) -> None:
    secret = codes.secret(random)

    assert codes.grouped(secret) == told
    spelt = (
        told,
        told.lower(),
        told.replace("-", ""),
        told.replace("-", " "),
        f" {told} ",
        told.replace("-", "ー"),
        told.replace("-", "\u2013"),
    )
    assert [codes.read_secret(each) for each in spelt] == [secret] * len(spelt)


@pytest.mark.parametrize(
    "written",
    ["", "7EK1-QVW8-SPN", "7EK1-QVW8-SPN77", "7EK1-QVW8-SPN8", "7EK1-QVW8-SPNO", "OEK1-QVW8-SPN7", "!EK1-QVW8-SPN7"],
)
def test_what_is_no_secret_code_is_not_read(written: str) -> None:
    assert codes.read_secret(written) is None


def test_twelve_letters_without_dashes_are_a_word() -> None:
    letters = "ABCDEFGHJKM"
    word = letters + codes.check_character(list(letters))
    assert word.isalpha()

    assert codes.read_secret(word) is None
    assert codes.read_secret(codes.grouped(word)) == word

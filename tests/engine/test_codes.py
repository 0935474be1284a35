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


def test_a_code_of_another_noun_is_not_read() -> None:
    assert codes.read("job", codes.code("user", 7)) is None


@pytest.mark.parametrize("written", ["", "J-", "J-0", "7", "J-OOOOOOO", "J 0000000", "Ｊ-0000000", "J-00000000"])
def test_what_is_no_code_is_not_read(written: str) -> None:
    assert codes.read("job", written) is None


def test_neighbours_do_not_look_alike() -> None:
    one, two = codes.code("contract", 1), codes.code("contract", 2)

    assert sum(a == b for a, b in zip(one[2:], two[2:], strict=True)) <= 3

"""Names: nothing of ours can be put into one, and what may mislead is said to."""

import pytest

from conversations import names


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("高橋葵", ("高橋葵", False)),
        ("佐藤 Ken", ("佐藤 Ken", False)),
        ("Иван", ("Иван", False)),
        ("Σωκράτης", ("Σωκράτης", False)),
        ("✅ Anna ✔️", ("Anna", False)),
        ("Anna (U-ADMIN1)", ("Anna", False)),
        ("Anna" + " " * 50 + "U-123456", ("Anna", False)),
        ("Anna\nPayment released", ("Anna Payment released", False)),
        ("✅", ("?", False)),
        ("Аnna", ("Аnna", True)),
        ("Operator", ("Operator", True)),
        ("Ｏｐｅｒａｔｏｒ", ("Ｏｐｅｒａｔｏｒ", True)),
        ("орегаtог", ("орегаtог", True)),
        ("0perat0r", ("0perat0r", True)),
        ("Arigato公式", ("Arigato公式", True)),
        ("運営事務局", ("運営事務局", True)),
    ],
)
def test_a_name_shows_nothing_of_ours_and_says_when_it_may_mislead(given: str, expected: tuple[str, bool]) -> None:
    assert names.shown(given) == expected

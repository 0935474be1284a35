"""Short numbers people can read out: J-7K2M4QX is a job. One to one with the id, with a check character."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
LETTERS = {"job": "J", "application": "A", "contract": "C", "payment": "M", "payout": "P", "user": "U", "thanks": "T"}
NOUNS = {letter: noun for noun, letter in LETTERS.items()}
DIGITS = 6
SPACE: int = 32**DIGITS
# An odd factor permutes the numbers below 2^30, so that neighbours do not look alike and numbers tell no count.
FACTOR = 387_420_489
INVERSE: int = pow(FACTOR, -1, SPACE)
CHECK = 31  # a prime: one wrong character or two swapped neighbours change the sum


def code(noun: str, thing_id: int) -> str:
    number = thing_id * FACTOR % SPACE
    digits = [ALPHABET[number // 32**place % 32] for place in reversed(range(DIGITS))]
    return f"{LETTERS[noun]}-{''.join(digits)}{check_character(digits)}"


def check_character(digits: list[str]) -> str:
    return ALPHABET[sum(place * ALPHABET.index(d) for place, d in enumerate(digits, start=1)) % CHECK]


def read(noun: str, text: str) -> int | None:
    """The id behind a code of this noun, None if it is not exactly one. Letters may be small; nothing else may vary."""
    text = text.strip().upper()
    if len(text) != DIGITS + 3 or text[:2] != f"{LETTERS[noun]}-" or any(c not in ALPHABET for c in text[2:]):
        return None
    digits = list(text[2:-1])
    if check_character(digits) != text[-1]:
        return None
    number = 0
    for digit in digits:
        number = number * 32 + ALPHABET.index(digit)
    return number * INVERSE % SPACE

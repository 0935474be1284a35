"""Short numbers people can read out: J-7K2M4QX is a job. One to one with the id, with a check character."""

# Crockford's without Z, which is read as 2: no I, L, O, U either. 31 is a prime, which the check character needs.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
LETTERS = {"job": "J", "application": "A", "contract": "C", "payment": "M", "payout": "P", "user": "U", "thanks": "T"}
DIGITS = 6
BASE = len(ALPHABET)
SPACE: int = BASE**DIGITS
# A factor without a common divisor permutes the numbers, so that neighbours do not look alike and tell no count.
FACTOR = 387_420_489
INVERSE: int = pow(FACTOR, -1, SPACE)


def code(noun: str, thing_id: int) -> str:
    number = thing_id * FACTOR % SPACE
    digits = [ALPHABET[number // BASE**place % BASE] for place in reversed(range(DIGITS))]
    return f"{LETTERS[noun]}-{''.join(digits)}{check_character(digits)}"


def check_character(digits: list[str]) -> str:
    """One wrong character or two swapped neighbours change this sum, because the base is a prime."""
    return ALPHABET[sum(place * ALPHABET.index(d) for place, d in enumerate(digits, start=1)) % BASE]


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
        number = number * BASE + ALPHABET.index(digit)
    return number * INVERSE % SPACE

"""Short numbers people can read out: J-7K2M4QX is a job. One to one with the id, with a check character."""

import unicodedata

# Crockford's without Z, which is read as 2: no I, L, O, U either. 31 is a prime, which the check character needs.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
SECRET_CHARACTERS = 12
SECRET_GROUP = 4
# Phones make other dashes of it; the last one is what a Japanese keyboard has in its place.
DASHES = dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFF0D, 0xFF70, 0x30FC), "-")
LETTERS = {
    "job": "J",
    "application": "A",
    "contract": "C",
    "payment": "M",
    "payout": "P",
    "refund": "R",
    "user": "U",
    "thanks": "T",
}
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


def secret(random: bytes) -> str:
    """A code that nobody can guess, to be read out or typed: 11 characters of chance (54 bits) and a check character.
    `random` is 16 bytes."""
    number = int.from_bytes(random)
    digits = [ALPHABET[number // BASE**place % BASE] for place in range(SECRET_CHARACTERS - 1)]
    return "".join((*digits, check_character(digits)))


def grouped(code: str) -> str:
    return "-".join(code[at : at + SECRET_GROUP] for at in range(0, len(code), SECRET_GROUP))


def read_secret(text: str) -> str | None:
    """The secret code that is all of this text, None if it is not one. Words of a sentence are none: without its
    dashes, a code has a figure in it."""
    text = unicodedata.normalize("NFKC", text.translate(DASHES)).strip().upper()
    plain = text.replace("-", "").replace(" ", "")
    if len(plain) != SECRET_CHARACTERS or any(c not in ALPHABET for c in plain):
        return None
    if text != grouped(plain) and not any(c.isdigit() for c in plain):
        return None
    return plain if check_character(list(plain[:-1])) == plain[-1] else None

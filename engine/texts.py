"""What people write is bounded before it is kept."""

from engine import errors

TITLE_MAX_CHARACTERS = 80
WORDS_MAX_CHARACTERS = 2_000
REASON_MAX_CHARACTERS = 400
THANKS_MAX_CHARACTERS = 80
# What stands where somebody who has left had written something. The same in every language.
GONE = "—"


def bounded(text: str, limit: int) -> str:
    """Refused Empty or TooLong; surrounding space is dropped."""
    text = text.strip()
    if not text:
        raise errors.Empty
    if len(text) > limit:
        raise errors.TooLong(limit)
    return text

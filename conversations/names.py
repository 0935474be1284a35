"""Names as others see them: people choose them freely, so none may look like our own mark, number or voice."""

import re
import unicodedata
from functools import lru_cache

from conversations.parsers.text import normalise

# Marks that other places give to whom they have verified.
BADGES = re.compile("[✓✔✅☑🗹✪⍟🔰🛡🔵🌐©®™\ufe0e\ufe0f]")
# A number of ours, which only we put beside a name.
NUMBER = re.compile(r"\(?\b[A-Z]-[0-9A-Z]{3,}\)?", re.IGNORECASE)
# Scripts whose letters are taken for each other's. Kana and kanji stand beside Latin letters in many a name.
ALIKE = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"))
LATIN_FOR = str.maketrans("аеорсхуіѕјкмнтвгԁӏοαρντικε01", "aeopcxyisjkmhtbrdloapvtikeol")
# Whoever is called so seems to speak for us.
OUR_VOICE = re.compile(
    r"operator|\badmin|moderator|support|official|arigato|\bsystem\b|運営|事務局|管理者|公式|サポート|ありがと|オペレーター"
)


@lru_cache(maxsize=4096)
def shown(name: str) -> tuple[str, bool]:
    """The name in one line, without marks and numbers that are ours to give; and whether it may mislead."""
    plain = " ".join(NUMBER.sub(" ", BADGES.sub("", name)).split()) or "?"
    return plain, misleads(plain)


def misleads(name: str) -> bool:
    """Letters of scripts that look alike within one name, or a word of our own voice, however it is spelt."""
    scripts = {unicodedata.name(sign, "?").partition(" ")[0] for sign in unicodedata.normalize("NFKC", name)}
    return len(scripts & ALIKE) > 1 or bool(OUR_VOICE.search(normalise(name).translate(LATIN_FOR)))

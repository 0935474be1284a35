"""A saying is what somebody wrote to others, as a fingerprint alone, so that the same words to everybody are seen."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine import screening
from engine.ports import Thing

# What is shorter is said by many, and in good faith.
WORDS_MIN_CHARACTERS = 40


@dataclass(frozen=True, kw_only=True)
class Saying(Thing):
    noun: ClassVar = "saying"

    user_id: int
    about: str  # what it was written for: job, application, review or question
    digest: str
    said_at: datetime


def essence(words: str) -> str:
    """Letters only, however they are disguised: no case, spaces, signs or figures."""
    return "".join(sign for sign in screening.normalised(words) if sign.isalpha())


def digest(words: str) -> str:
    """The same for words that only look different; "" for what is too short to tell anything."""
    plain = essence(words)
    return hashlib.sha256(plain.encode()).hexdigest()[:32] if len(plain) >= WORDS_MIN_CHARACTERS else ""

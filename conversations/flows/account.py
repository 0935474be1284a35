"""言語: what a person is spoken to in."""

from conversations.flow import Begin, Flowing, Option, choose
from engine.users import SetLanguage


def language(begin: Begin) -> Flowing:
    chosen = yield from choose("language", Option("ja", "language.japanese"), Option("en", "language.english"))
    return SetLanguage(by=begin.user_id, language=chosen)

"""ヘルプ, and 人に相談 for what no flow can do."""

from conversations.flow import Begin, Flowing, Show, Start, ask
from engine.users import AskHuman


def help_(_: Begin) -> Flowing:
    yield from ()
    return Show(
        "shown",
        starts=(
            Start("post_job", style="primary"),
            Start("find_work"),
            Start("mine"),
            Start("link"),
            Start("human"),
            Start("erase_me"),
        ),
    )


def human(begin: Begin) -> Flowing:
    words = yield from ask("words", "long_text")
    return AskHuman(by=begin.user_id, words=words)

"""What people do about their messengers: they link them, take them off, and try codes."""

from typing import TYPE_CHECKING

from conversations.messages import Text
from simulator.acting import PRIMARY, somebody

if TYPE_CHECKING:  # a play is acted by these
    from simulator.play import Play

WRONG_CODE = "E4TN-XCED-J9HK"


def link_up(play: "Play") -> None:
    """Somebody asks for a code; or types one that somebody, perhaps somebody else, was told. What follows is asked."""
    told = [code for each in play.people if (code := each.link_code)]
    if told and play.dice.random() < PRIMARY:
        play.say(somebody(play), Text(play.dice.choice(told)))
    else:
        play.say(somebody(play), Text("/link"))


def take_off(play: "Play") -> None:
    play.say(
        somebody(play), Text(play.dice.choice(("/unlink", "/not_me", "/confirm_link", "/refuse_link", WRONG_CODE)))
    )

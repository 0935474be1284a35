"""People take back what they have just said: it is no answer any more, and what is done stays done."""

from typing import TYPE_CHECKING

from conversations.messages import Other
from simulator.acting import somebody

if TYPE_CHECKING:  # a play is acted by these
    from simulator.play import Play


def take_back(play: "Play") -> None:
    person = somebody(play)
    if person.said:
        play.say(person, Other("taken_back"), direct=False, takes_back=person.said)

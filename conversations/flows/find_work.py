"""仕事をさがす: the board, five jobs at a time, each with what it would bring."""

from conversations.flow import Begin, Flowing, Show, Start, look
from conversations.offers import board_entry
from conversations.queries import OpenJobs

PAGE = 5


def find_work(begin: Begin) -> Flowing:
    offset = begin.args.get("offset", 0)
    found = yield from look(OpenJobs(begin.user_id, PAGE + 1, offset))
    if not found:
        return Show("none", starts=(Start("post_job"), Start("mine")))
    more = (Start("find_work", {"offset": offset + PAGE}, words="more"),) if len(found) > PAGE else ()
    entries = tuple(board_entry(job) for job in found[:PAGE])
    return Show("board", {"first": offset + 1, "last": offset + len(entries)}, entries, (*more, Start("home")))

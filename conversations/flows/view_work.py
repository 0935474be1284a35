"""納品物を見る: what was delivered last, as often as it is wanted; a file by a fresh link each time."""

from conversations.flow import Begin, Flowing, Link, Show, look
from conversations.offers import offers
from conversations.queries import DeliverablesOf, FileLink
from conversations.subjects import deal
from engine.errors import NotNow


def view_work(begin: Begin) -> Flowing:
    contract = yield from deal(begin)
    delivered = yield from look(DeliverablesOf(contract.id))
    if not delivered:
        raise NotNow("contract", "view_work", contract.stage)
    deliverable = delivered[-1]
    url = (yield from look(FileLink(deliverable.file_id, begin.user_id))) if deliverable.file_id else ""
    links = (Link(url, "deliver.open_file", style=""),) if url else ()
    starts = tuple(start for start in offers(contract, begin.user_id) if start.flow != "view_work")
    return Show("shown", {"contract": contract, "deliverable": deliverable}, starts=starts, links=links)

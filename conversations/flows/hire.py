"""採用: with name, price and the whole breakdown on the card. The terms card follows."""

from conversations.flow import Begin, Flowing, confirm, look
from conversations.queries import ById
from conversations.subjects import offered
from engine import money
from engine.contracts import Hire
from engine.users import User, both_active


def hire(begin: Begin) -> Flowing:
    application = yield from offered(begin, "hire")
    client = yield from look(ById(User, begin.user_id))
    worker = yield from look(ById(User, application.worker_id))
    assert client, "who speaks has joined"
    assert worker, "who applied has joined"
    both_active(client, worker)
    share = money.breakdown(application.price, withholds=client.withholds)
    yield from confirm("card", "hire.go", "yes", application=application, share=share)
    return Hire(by=begin.user_id, application_id=application.id)

"""応募を取り下げる, as long as it is not answered."""

from conversations.flow import Begin, Flowing, confirm
from conversations.subjects import subject
from engine.applications import Application, WithdrawApplication
from engine.errors import NotFound
from engine.lifecycle import Role


def withdraw(begin: Begin) -> Flowing:
    application = yield from subject(begin, Application)
    if application.worker_id != begin.user_id:
        raise NotFound
    application.lifecycle.find("withdraw", application.stage, Role.WORKER)
    yield from confirm("card", "withdraw.go", "yes", application=application)
    return WithdrawApplication(by=begin.user_id, application_id=application.id)

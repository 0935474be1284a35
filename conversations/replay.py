"""A flow is run over its stored answers, to its next question or its end. Nothing else is kept of it."""

from conversations import router
from conversations.flow import Ask, Begin, Look, Show
from conversations.ports import Saved, World
from engine.errors import Refused
from engine.ports import Command


def replay(world: World, user_id: int, saved: Saved) -> Ask | Command | Show | Refused:
    assert saved.begun_at, "a flow under way has begun"
    steps = router.BY_NAME[saved.flow].make(Begin(user_id, saved.begun_at, saved.args))
    try:
        step = next(steps)
        while True:
            match step:
                case Look(query):
                    step = steps.send(world.look(query))
                case Ask(question) if question.key in saved.answers:
                    step = steps.send(saved.answers[question.key].value)
                case Ask():
                    return step
    except StopIteration as end:
        result: Command | Show = end.value
        return result
    except Refused as refused:
        return refused

"""Records: what is known of people by what they have done: work finished, stars, thanks."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, distinct, func, select

from conversations import queries as asked
from engine.users import User
from storage import things
from storage.tables import contracts, reviews, thanks, users

FINISHED = ("accepted", "paid_out", "payout_problem")


def records(connection: Connection, user_ids: Iterable[int]) -> dict[int, asked.Record]:
    """What is known of several people, in four statements whatever their number."""
    wanted = sorted(set(user_ids))
    people = [things.thing_from(User, row) for row in connection.execute(select(users).where(users.c.id.in_(wanted)))]
    finished = counted(
        connection,
        select(contracts.c.worker_id, func.count())
        .where(contracts.c.worker_id.in_(wanted), contracts.c.stage.in_(FINISHED))
        .group_by(contracts.c.worker_id),
    )
    axes = reviews.c.skill + reviews.c.quality + reviews.c.schedule + reviews.c.communication + reviews.c.partnership
    rated = counted(
        connection,
        select(reviews.c.of_id, func.count(), func.sum(axes))
        .where(reviews.c.of_id.in_(wanted), reviews.c.stage == "shown")
        .group_by(reviews.c.of_id),
    )
    thanked = counted(
        connection,
        select(thanks.c.receiver_id, func.count(), func.count(distinct(thanks.c.giver_id)))
        .where(thanks.c.receiver_id.in_(wanted))
        .group_by(thanks.c.receiver_id),
    )
    return {
        user.id: record(user, finished.get(user.id, (0,)), rated.get(user.id, (0, 0)), thanked.get(user.id, (0, 0)))
        for user in people
    }


def counted(connection: Connection, wanted: Select[Any]) -> dict[int, tuple[int, ...]]:
    return {row[0]: tuple(int(value) for value in row[1:]) for row in connection.execute(wanted)}


def record(user: User, finished: tuple[int, ...], rated: tuple[int, ...], thanked: tuple[int, ...]) -> asked.Record:
    number, total = rated
    return asked.Record(
        user=user,
        finished=finished[0],
        stars=total / (5 * number) if number else None,
        reviews=number,
        thanks=thanked[0],
        givers=thanked[1],
    )

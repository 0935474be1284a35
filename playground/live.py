"""The page kept alive: fragments of HTML, sent by server-sent events whenever they differ from what was sent."""

import json
from collections.abc import AsyncIterator

from anyio import move_on_after, sleep, to_thread
from sse_starlette import ServerSentEvent

from playground.stage import House, View
from playground.view import around, fragments

# The product's own steps ring no bell, so the page looks for them by itself now and then.
LOOK_AGAIN_SECONDS = 1.0
# A turn changes many things at once; waiting this long draws them together.
GATHER_SECONDS = 0.04


async def changes(house: House, view: View) -> AsyncIterator[ServerSentEvent]:
    shown: dict[str, str] = {}
    tour = house.tours[view.language]
    over = tour.standing().over
    with house.bell.heard() as rung:
        draw = fragments
        while not house.bell.closed:
            rung.clear()
            for id, html in (await to_thread.run_sync(draw, house, view)).items():
                if shown.get(id) != html:
                    shown[id] = html
                    yield ServerSentEvent(json.dumps({"id": id, "html": html}), event="fragment")
            # Whom the scene just played wants to be seen.
            if tour.standing().over != over:
                over = tour.standing().over
                yield ServerSentEvent(json.dumps(tour.scenes[over - 1].shows), event="people")
            with move_on_after(LOOK_AGAIN_SECONDS):
                await rung.wait()
            await sleep(GATHER_SECONDS)
            # Phones change only with a ring, and a long chat takes a while to draw.
            draw = fragments if rung.is_set() else around

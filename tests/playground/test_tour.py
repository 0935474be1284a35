"""The whole story in a real browser, on the real product: the guided tour, scene by scene, with "do it for me".

With ARIGATO_PICTURE=1 it also writes docs/playground.png, the README's picture."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect
from rich.console import Console

import app
import demo
import headless
import seeds
from house import House
from playground.people import CAST, ENGLISH_CAST
from playground.phone import Person
from playground.story import ACTS
from playground.words import words_in
from storage.check import check
from tests.playground.chromium import NARROW, WIDE, chromium, opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tour")]

PICTURE = Path(__file__).parents[2] / "docs" / "playground.png"
PICTURE_BYTES_MAX = 400_000
SCENE_MILLISECONDS = 60_000
TO_THE_MONEY = """
() => {
  const timeline = document.getElementById("timeline");
  const turn = document.querySelector("#timeline .kind-transfer").closest(".turn");
  timeline.scrollTop = turn.offsetTop - timeline.offsetTop;
}
"""
SEEDED = 6


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


def seeded(house: House) -> None:
    seeds.plant(house.database, house.now(), SEEDED, Console(quiet=True))


@pytest.fixture(scope="module")
def playground(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[demo.Playground]:
    """One demo for all tests here: its SDKs take seconds. At the end the books are right and no rule was broken."""
    address = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'arigato.db'}"
    with demo.running(demo.free_port(), address, prepare=seeded) as running:
        yield running
        headless.settle(running)
        with running.house.database.connect() as connection:
            assert check(connection) == []
        assert headless.breaches(running) == []


def played(page: Page, language: str) -> None:
    """Each scene by its own press, until it is over; a scene that fails says why on the page."""
    for number in range(1, len(ACTS) + 1):
        page.get_by_role("button", name=words_in(language)["do_it"]).click()
        expect(page.locator(".scenes .over, .tour .error")).to_have_count(number, timeout=SCENE_MILLISECONDS)
        assert page.locator(".tour .error").all_inner_texts() == []


def shown(page: Page) -> list[str]:
    """Whom the three phones belong to."""
    people: list[str] = page.evaluate("[...document.querySelectorAll('[data-person]')].map((one) => one.value)")
    return people


@pytest.mark.parametrize(
    ("language", "cast", "viewport"),
    [
        pytest.param("ja", CAST, WIDE, id="ja-wide"),
        pytest.param("en", ENGLISH_CAST, NARROW, id="en-narrow", marks=pytest.mark.slow),
    ],
)
def test_tour_is_walked_to_its_end(
    browser: Browser,
    playground: demo.Playground,
    language: str,
    cast: tuple[Person, Person, Person, Person],
    viewport: dict[str, int],
) -> None:
    client, _, other_worker, operator = cast
    page, complaints = opened(browser, f"{playground.url}/?language={language}", viewport)

    played(page, language)

    expect(page.locator("#tour-words")).to_have_text(words_in(language)["tour_done"])
    assert page.locator(".line .menu-button").all_text_contents() == app.menu_words("ja")
    assert shown(page) == [client.id, other_worker.id, operator.id]
    assert page.locator("#timeline .bad").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert complaints == []
    if language == "ja" and os.environ.get("ARIGATO_PICTURE") == "1":
        photograph(page, cast[1])


def test_demo_is_reached_by_its_own_name_only(playground: demo.Playground) -> None:
    here = httpx2.get(playground.url)
    elsewhere = httpx2.get(playground.url, headers={"host": "arigato.example"})

    assert (here.status_code, elsewhere.status_code) == (200, 400)


def photograph(page: Page, worker: Person) -> None:
    """Client, worker and operator with their newest words, and the inspector open on what came of them."""
    page.locator(".slack [data-person]").select_option(worker.id)
    expect(page.locator(f"#chat-slack article[id*='{worker.id}']").last).to_be_visible()
    page.locator("#timeline .kind-transfer summary").first.click()
    page.evaluate(TO_THE_MONEY)
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURE)
    assert PICTURE.stat().st_size <= PICTURE_BYTES_MAX, "the picture is too large for a README"

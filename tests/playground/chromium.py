"""Debian's Chromium for the tests of the page; without it they are skipped, or fail where it is required."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("ARIGATO_CHROMIUM") or shutil.which("chromium")
WIDE = {"width": 1440, "height": 1000}
NARROW = {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        if os.environ.get("ARIGATO_REQUIRE_BROWSER") == "1":
            pytest.fail("ARIGATO_REQUIRE_BROWSER=1, but there is no Chromium")
        pytest.skip("no Chromium: install it or set ARIGATO_CHROMIUM")
    with sync_playwright() as playwright:
        # The sandbox needs rights that root in a container has not; the page comes from loopback only.
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


def opened(browser: Browser, address: str, viewport: dict[str, int]) -> tuple[Page, list[str]]:
    """The page, and what its console complains about: a blocked script, style or picture is a complaint."""
    page = browser.new_page(
        viewport={"width": viewport["width"], "height": viewport["height"]}, reduced_motion="reduce"
    )
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    return page, complaints

"""Draws bots/line/menu.png, the rich menu's picture, in Chromium: `python -m docs.make_menu`.

It is drawn once and kept, so that no server needs a drawing library or a Japanese font."""

import os
import shutil
from pathlib import Path

from jinja2 import Environment
from playwright.sync_api import sync_playwright

from app import MENU
from bots.line.menu import COLUMNS, HEIGHT, PICTURE, WIDTH
from conversations import render

SIGNS = {
    "post_job": "M12 5v14M5 12h14",
    "find_work": "M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14M16 16l5 5",
    "mine": "M4 6h2M4 12h2M4 18h2M9 6h11M9 12h11M9 18h11",
    "money": "M6 4l6 8l6-8M12 12v8M7 13h10M7 17h10",
    "language": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c-5 5-5 13 0 18c5-5 5-13 0-18",
    "help": "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18v.5",
}
PAGE = Environment(autoescape=True).from_string("""
<style>
  body { margin: 0; display: grid; grid-template-columns: repeat({{ columns }}, 1fr); gap: 2px; height: 100vh;
    background: #d8cfc0; font-family: "Noto Sans CJK JP", "IPAexGothic", sans-serif; }
  div { background: #fffdf9; display: grid; align-content: center; justify-items: center; gap: 14px; color: #1f2328; }
  div:first-child { background: #047a34; color: #fff; }
  svg { width: 96px; fill: none; stroke: #047a34; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
  div:first-child svg { stroke: #fff; }
  b { font-size: 50px; } span { font-size: 32px; }
</style>
{% for tile in tiles %}
<div><svg viewBox="0 0 24 24"><path d="{{ tile.sign }}"/></svg><b>{{ tile.ja }}</b><span>{{ tile.en }}</span></div>
{% endfor %}
""")


def drawn(chromium: str) -> bytes:
    tiles = [
        {"sign": SIGNS[flow], **{language: render.line(language, f"{flow}.menu", {}) for language in ("ja", "en")}}
        for flow in MENU
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(PAGE.render(tiles=tiles, columns=COLUMNS))
        picture = page.screenshot()
        browser.close()
    return picture


if __name__ == "__main__":
    Path(PICTURE).write_bytes(drawn(os.environ.get("ARIGATO_CHROMIUM") or shutil.which("chromium") or "chromium"))

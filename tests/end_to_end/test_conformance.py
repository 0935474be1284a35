"""The real server before a strict recorder of the platforms' APIs: everything signed is answered in time, everything
forged is refused, trouble costs no message, and no request breaks a platform's rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import demo
import headless
from demo import free_port
from tests.bots.recorder import start
from tests.end_to_end import recording, served, tee

pytestmark = pytest.mark.xdist_group("conformance")

OPTIONS = {
    "shapes sent today": ("--current",),
    "all shapes": (),
    # What a webhook causes is counted after this many seconds: by then it must all be there.
    "checks": ("--checks", "--settle", "1.5"),
}


@dataclass(frozen=True)
class Stand:
    """The recorders, the server pointed at them, and the server's database."""

    recorders: recording.Recorders
    url: str
    database_url: str
    folder: Path


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("conformance")
    database_url = f"sqlite:///{folder / 'arigato.db'}"
    with recording.recording(folder) as made:
        settings = {
            **served.SECRETS,
            **recording.bases(made),
            "ARIGATO_DATABASE_URL": database_url,
            # With a public address the menus and webhooks are set up, too, under the recorder's eyes.
            "ARIGATO_PUBLIC_URL": "https://arigato.example",
        }
        with served.serving(folder, settings) as [server]:
            served.until(lambda: served.ready(server), server.log.read_text)
            yield Stand(made, server.url, database_url, folder)


def told(results: dict[str, recording.Replayed]) -> str:
    return "\n\n".join(result.said for result in results.values())


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_server_stands_what_is_replayed(stand: Stand, options: tuple[str, ...]) -> None:
    results = recording.replay(stand.recorders, stand.url, options)

    assert {p: result.status for p, result in results.items()} == dict.fromkeys(recording.PLATFORMS, 0), told(results)
    served.settled(stand.database_url)
    assert recording.written_errors(stand.folder) == []


@pytest.mark.slow
def test_server_stands_a_platform_in_trouble(stand: Stand) -> None:
    results = recording.replay(stand.recorders, stand.url, ("--faults",))

    assert {p: result.status for p, result in results.items()} == dict.fromkeys(recording.PLATFORMS, 0), told(results)
    assert "weak" not in told(results)
    assert recording.written_errors(stand.folder) == []


@pytest.mark.parametrize(("platform", "language"), [("line", "ja"), ("slack", "en"), ("telegram", "ja")])
def test_story_breaks_no_rule_of_the_platform(tmp_path: Path, platform: str, language: str) -> None:
    recording.wanted()
    own = tmp_path / platform
    own.mkdir()
    recorder = start(own, free_port())
    people = headless.people_for(platform, platform, platform, language)
    database_url = f"sqlite:///{tmp_path / 'arigato.db'}"
    playground, routes = demo.build(free_port(), database_url, people[3:], demo.nothing)
    try:
        with demo.serving(playground, tee.fitted(routes, playground.emulators, recorder)):
            told = headless.act(playground, demo.cast_of(playground, people), language, lambda _: None)
        calls = recorder.calls(platform)
    finally:
        recorder.process.terminate()
        recorder.process.wait(10)

    assert (told.trouble, told.violations) == ("", [])
    # What a form is answered with is checked by the emulator alone: it is no request.
    made = [call for call in playground.emulators[platform].calls if not call.method.endswith("(answer)")]
    assert len(calls) == len(made) > 0
    assert recording.written_errors(tmp_path) == []


def test_published_signature_vectors_hold() -> None:
    recording.wanted()

    process = recording.run("conf.vectors", "tests.end_to_end.verifier:verify")
    said = process.communicate(timeout=60)[0]

    assert process.returncode == 0, said
    assert "BAD" not in said
    kinds = {tuple(line.split()[:3]) for line in said.splitlines()}
    assert {("ok", kind, "valid") for kind in ("line", "slack", "telegram-webapp", "telegram-login")} <= kinds

"""The guided tour: the story's scenes one after the other, each done by a person or "done for me"."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scene:
    """One step of the story. `shows` names the person each phone turns to, by platform."""

    id: str
    title: Mapping[str, str]
    act: Callable[[], None]
    words: Mapping[str, str] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """Where the tour stands: how many scenes are over, and whether one is being played."""

    over: int
    playing: bool
    trouble: str


class Tour:
    """Remembers the place in the story; the scenes themselves do the acting."""

    def __init__(self, scenes: tuple[Scene, ...], changed: Callable[[], None]) -> None:
        self.scenes = scenes
        self._changed = changed
        self._standing = Standing(0, playing=False, trouble="")
        self._lock = threading.Lock()

    def standing(self) -> Standing:
        return self._standing

    def next_scene(self) -> Scene | None:
        over = self._standing.over
        return self.scenes[over] if over < len(self.scenes) else None

    def play(self) -> bool:
        """Plays the next scene, unless one is playing already or none is left: a second press is no second scene."""
        with self._lock:
            scene = self.next_scene()
            if scene is None or self._standing.playing:
                return False
            over = self._standing.over
            self._stands(over, playing=True, trouble="")
        try:
            scene.act()
        except Exception as trouble:
            # The scene may be tried again; what went wrong is shown in a line, and the edge logs it in full.
            self._stands(over, playing=False, trouble=str(trouble).partition("\n")[0])
            raise
        self._stands(over + 1, playing=False, trouble="")
        return True

    def _stands(self, over: int, *, playing: bool, trouble: str) -> None:
        self._standing = Standing(over, playing, trouble)
        self._changed()

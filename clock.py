"""What time it is. The one place that asks the machine; everyone else is told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock


def now() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


@dataclass
class MovableClock:
    """The playground's and the tests' clock: the machine's time, moved forward at will, never back."""

    ahead: timedelta = timedelta(0)
    lock: Lock = field(default_factory=Lock)

    def now(self) -> datetime:
        return now() + self.ahead

    def move(self, seconds: float) -> None:
        assert seconds >= 0, "time does not run backwards"
        with self.lock:
            self.ahead += timedelta(seconds=seconds)

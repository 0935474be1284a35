"""What stands between us and others on a bad day: a line that is cut, a line that is silent, a server that says what it
likes. All of it on loopback, with real sockets."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
CHUNK_BYTES = 65_536
Serve = Callable[[socket.socket], None]


def reset(line: socket.socket) -> None:
    """Hung up without a good-bye."""
    with suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.shutdown(socket.SHUT_RD)
    line.close()


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """Its port; each who calls is served in a thread of their own."""
    listener = socket.create_server((HOST, 0), backlog=512)

    def accept() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(line,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@dataclass(frozen=True)
class Saying:
    """A server that says the same to whatever it is asked."""

    address: str
    asked: list[bytes]


@contextmanager
def saying(answer: bytes, *, hang_up: bool = False) -> Iterator[Saying]:
    """With `hang_up` it breaks off after these bytes."""
    asked: list[bytes] = []

    def serve(line: socket.socket) -> None:
        with suppress(OSError):
            asked.append(request(line))
            line.sendall(answer)
        reset(line) if hang_up else line.close()

    with listening(serve) as port:
        yield Saying(f"http://{HOST}:{port}", asked)


def request(line: socket.socket) -> bytes:
    """Head and body: who hangs up on somebody who still speaks is not heard."""
    with line.makefile("rb") as heard:
        head = b"".join(iter(heard.readline, b"\r\n"))
        lengths = [row.split(b":")[1] for row in head.splitlines() if row.lower().startswith(b"content-length:")]
        return head + heard.read(int(lengths[0]) if lengths else 0)


@contextmanager
def silent() -> Iterator[int]:
    """A port that takes every call, and never says a word."""
    held: list[socket.socket] = []
    with listening(held.append) as port:
        yield port
    for line in held:
        line.close()


@contextmanager
def deaf() -> Iterator[int]:
    """A port where nobody takes a call: it rings and rings."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])
        for caller in callers:
            caller.close()


@dataclass
class Between:
    """A line to PostgreSQL. `cut` says what ends it the next time it is said: before it is passed on, or after it has
    been done and before that is told. While `held` nothing passes, in either direction."""

    host: str
    port: int
    cut: bytes = b""
    told: bool = False
    cuts: int = 0
    passing: threading.Event = field(default_factory=threading.Event)

    def serve(self, client: socket.socket) -> None:
        server = socket.create_connection((self.host, self.port))
        threading.Thread(target=self.pump, args=(server, client, False), daemon=True).start()
        self.pump(client, server, True)

    def pump(self, source: socket.socket, target: socket.socket, asks: bool) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                self.passing.wait()
                if asks and self.cut and self.cut in chunk:
                    self.cut_off(source, target, chunk)
                    return
                target.sendall(chunk)
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def cut_off(self, client: socket.socket, server: socket.socket, chunk: bytes) -> None:
        self.cut, self.cuts = b"", self.cuts + 1
        reset(client)
        if self.told:
            server.sendall(chunk)
            # PostgreSQL has done it when the other pump hears its answer, which then finds nobody to tell.
        else:
            reset(server)

    def hold(self) -> None:
        self.passing.clear()

    def go_on(self) -> None:
        self.passing.set()


@contextmanager
def between(host: str, port: int) -> Iterator[tuple[Between, int]]:
    made = Between(host, port)
    made.go_on()
    with listening(made.serve) as own:
        try:
            yield made, own
        finally:
            made.go_on()

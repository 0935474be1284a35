"""python -m bench [name …]: each benchmark prints one JSON line to standard output, progress goes to standard error."""

import argparse
import importlib
import json
import os
import platform

from rich.console import Console

from bench.measure import NORMAL, TINY

# Each imports the SDKs it measures only when it runs.
NAMES = {
    "webhook": "P1: a webhook verified, stored and answered, beside a bare echo bot of the same SDK on the same server",
    "story": "whole stories per second without HTTP, statements an event; the HTTP story's seconds",
    "events": "P2: events worked through per second, beside the same events in bare SQL",
    "timers": "P3: a tick with 10^4 and 10^6 timers pending; due ones fired per second",
    "outbox": "P6: messages per second to a local stub, for each platform",
    "startup": "P7: --help, doctor --offline, serve ready after the imports of its SDKs",
}


def main() -> None:
    arguments = parser().parse_args()
    console = Console(stderr=True)
    size = TINY if arguments.tiny else NORMAL
    for name in arguments.names or NAMES:
        benchmark = importlib.import_module(f"bench.{name}")
        with console.status(name) as status:
            found = benchmark.run(size, lambda words, name=name, status=status: status.update(f"{name}: {words}"))
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        print(json.dumps({"benchmark": name, **found, "machine": machine}), flush=True)


def known(name: str) -> str:
    if name not in NAMES:
        raise argparse.ArgumentTypeError(f"there is no benchmark {name}; there are {', '.join(NAMES)}")
    return name


def parser() -> argparse.ArgumentParser:
    names = "\n".join(f"  {name:8} {about}" for name, about in NAMES.items())
    made = argparse.ArgumentParser(
        prog="python -m bench",
        description="Benchmarks. Figures move from machine to machine: only ratios of one run count.",
        epilog=f"benchmarks:\n{names}\n\nPostgreSQL too, if ARIGATO_TEST_POSTGRES or 127.0.0.1:5432 answers.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("names", nargs="*", type=known, metavar="name", help="which ones; all if none is named")
    made.add_argument("--tiny", action="store_true", help="as little as shows that it runs")
    return made


if __name__ == "__main__":
    main()

"""Targets under atheris. libFuzzer ends its process, so each target has one: a fork of this one, which has instrumented
and imported everything once. In: a line of JSON, [name, file for what is said, flags]. Out: `name exit-code`."""

import importlib
import json
import os
import sys
from types import ModuleType

import atheris

# Only what a target is about is measured: the rest would be slower, and say nothing.
MEASURED = ["bots", "conversations.parsers", "conversations.readers", "payments", "storage.handles"]


def main() -> None:
    with atheris.instrument_imports(include=MEASURED):
        targets = importlib.import_module("tests.fuzz.targets")
    for line in sys.stdin:
        name, said, flags = json.loads(line)
        child = os.fork()
        if child == 0:
            fuzz(targets, name, said, flags)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{name} {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def fuzz(targets: ModuleType, name: str, said: str, flags: list[str]) -> None:
    written = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(written, 1)
    os.dup2(written, 2)
    atheris.Setup([name, *flags], targets.BY_NAME[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""The program with its SDKs loaded, for processes that are forked from here: importing them anew takes each server
eight seconds of a processor. What is forked is the real program, with a pid, a log and an end of its own."""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

import app  # noqa: F401 - loaded here, so that nobody waits for it
import bots.line.outbound
import bots.slack.outbound
import bots.telegram.outbound  # noqa: F401 - as above


def run(words: Sequence[str], folder: str, environment: Mapping[str, str], out: str, error: str) -> None:
    """`arigato` and these words, in this folder and with nothing but this environment. Ends with its exit status."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((0, os.devnull), (1, out), (2, error)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), number)
    sys.argv = ["arigato", *words]
    # Only now: the terminal is measured when it is loaded.
    importlib.import_module("cli").main()

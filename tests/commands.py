"""The commands that documents and tables name: of the program, asked of the program itself, and of the Makefile."""

import re
from collections.abc import Sequence

from typer.main import get_command

import cli
from tests.source import HOUSE


def is_command(words: Sequence[str]) -> bool:
    match words:
        case ["make", target]:
            return bool(re.search(rf"^{target}:", (HOUSE / "Makefile").read_text("utf-8"), re.MULTILINE))
        case ["arigato", *arguments]:
            return is_ours(arguments)
    return False


def is_ours(arguments: Sequence[str]) -> bool:
    """A command of the program, with options that it has."""
    command = get_command(cli.app)
    while arguments and arguments[0] in (inner := getattr(command, "commands", {})):
        command, arguments = inner[arguments[0]], arguments[1:]
    options = {name for option in command.params for name in option.opts}
    return not hasattr(command, "commands") and all(word in options for word in arguments if word.startswith("-"))

"""How many broken engines the engine's own tests notice: `make mutants`, about ten minutes on one core.

mutmut breaks each function in every way it knows and runs the tests that call it. What no test notices must stand in
survivors.yaml, with the reason why nothing is wrong with that."""

import ast
import difflib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped] # it ships no types
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "build" / "mutants"
LISTED = Path(__file__).parent / "survivors.yaml"
NEEDED_PERCENT = {"ledger.py": 95}
NEEDED_PERCENT_IN_ALL = 90
# mutmut's exit codes: a test failed, or the run did not end in time.
NOTICED = (1, 3, 24, 36, 152, 255)
NUMBER = re.compile(r"__mutmut_\d+$")
# What a file is told by: the function it is in, the lines as they are, and as they were broken.
Change = tuple[str, str, str]


@dataclass(frozen=True)
class Counted:
    file: str
    mutants: int
    survivors: tuple[Change, ...]

    @property
    def percent(self) -> float:
        return 100 - 100 * len(self.survivors) / self.mutants


def main() -> int:
    run(sys.argv[1:])
    counted = [count(meta) for meta in sorted((PLACE / "mutants" / "engine").glob("*.meta"))]
    counted = [each for each in counted if each.mutants]
    in_all = Counted("all", sum(each.mutants for each in counted), sum((each.survivors for each in counted), ()))
    Console().print(shown([*counted, in_all]))
    known = {(each["function"], each["was"], each["becomes"]) for each in yaml.safe_load(LISTED.read_text("utf-8"))}
    found = set(in_all.survivors)
    low = [each for each in (*counted, in_all) if each.percent < needed(each.file)]
    wrong = [
        *(f"{each.file}: {each.percent:.1f} % noticed, {needed(each.file)} % are needed" for each in low),
        *(f"no reason is listed:\n{written(change)}" for change in sorted(found - known)),
        *(f"listed, but noticed or gone:\n{written(change)}" for change in sorted(known - found)),
    ]
    sys.stdout.write("\n".join([*wrong, ""]))
    return 1 if wrong else 0


def run(names: list[str]) -> None:
    """In a place of its own, for what is broken must not lie beside what is whole. With names, only those again."""
    if not names:
        shutil.rmtree(PLACE, ignore_errors=True)
    for folder in ("engine", "tests/engine"):
        shutil.copytree(ROOT / folder, PLACE / folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", PLACE)
    subprocess.run(
        [Path(sys.executable).parent / "mutmut", "run", "--max-children", "1", *names], cwd=PLACE, check=True
    )


def count(meta: Path) -> Counted:
    codes = json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
    functions = functions_in(meta.with_suffix(""))
    unnoticed = [name for name, code in codes.items() if code not in NOTICED]
    changes = tuple(change(name, functions) for name in unnoticed)
    return Counted(meta.name.removesuffix(".meta"), len(codes), changes)


def functions_in(file: Path) -> dict[str, list[str]]:
    """Each function's lines, mutants and originals, by name."""
    text = file.read_text("utf-8")
    lines = [line.strip() for line in text.splitlines()]
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return {node.name: lines[node.lineno : node.end_lineno] for node in found}


def change(name: str, functions: dict[str, list[str]]) -> Change:
    module, _, mutant = name.rpartition(".")
    original = NUMBER.sub("", mutant)
    differing = list(difflib.ndiff(functions[f"{original}__mutmut_orig"], functions[mutant]))
    was, becomes = (" ".join(line[2:] for line in differing if line.startswith(sign)) for sign in "-+")
    function = original.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return f"{module.removeprefix('engine.')}.{function}", was, becomes


def written(found: Change) -> str:
    """As it stands in the list, but for the reason."""
    function, was, becomes = found
    entry = {"function": function, "was": was, "becomes": becomes, "reason": ""}
    return str(yaml.safe_dump([entry], allow_unicode=True, width=1_000, sort_keys=False))


def needed(file: str) -> int:
    """Of a file that is not named, anything goes: all together have to reach their mark."""
    return NEEDED_PERCENT_IN_ALL if file == "all" else NEEDED_PERCENT.get(file, 0)


def shown(counted: list[Counted]) -> Table:
    table = Table("file", "mutants", "unnoticed", "noticed", box=None)
    for each in counted:
        table.add_row(each.file, f"{each.mutants:,}", str(len(each.survivors)), f"{each.percent:.1f} %")
    return table


if __name__ == "__main__":
    sys.exit(main())

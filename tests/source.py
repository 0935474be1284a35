"""The source itself, as the tests of the house read it."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import engine

HOUSE = Path(__file__).parent.parent


def python_files(*folders: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", "*.py"],  # noqa: S607 - git is where it is
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    paths = [HOUSE / name for name in listed if not folders or name.startswith(folders)]
    return [path for path in paths if path.exists()]


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def is_there(name: str) -> bool:
    """A file, or "file::test"."""
    file, _, test = name.partition("::")
    path = HOUSE / file
    return path.is_file() and (not test or test in functions(path))


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}


def modules_of_the_engine() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(engine.__path__):
        yield importlib.import_module(f"engine.{found.name}")


def kinds_of(parent: type) -> set[type]:
    """Every class of the engine below this one."""
    return {
        kind
        for module in modules_of_the_engine()
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, parent) and kind is not parent
    }


def strings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and words of the text constants that are no docstrings."""
    docs = {
        id(each.body[0].value)
        for each in ast.walk(module)
        if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and each.body
        and isinstance(each.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value

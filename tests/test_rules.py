"""The rules of the house, checked: sizes, doors, layers, and that what must exist for each language and intent exists."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "mailbot").rglob("*.py"))
SIZED = [path for path in SOURCES if path.parent.name != "versions"]  # a migration is a list: it is as long as the schema
MODULE_LINES, FUNCTION_LINES = 350, 40
DOORS = {
    "mailparser": "mailbot/parse.py",
    "imapclient": "mailbot/imap/",
    "aiosmtplib": "mailbot/smtp.py",
    "jinja2": "mailbot/render/",
    "sqlmodel": "mailbot/store/",
    "sqlalchemy": "mailbot/store/",
    "alembic": "mailbot/store/",
    "click": "mailbot/cli/",
    "rich_click": "mailbot/cli/",
}


def name_of(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SIZED, ids=name_of)
def test_modules_and_functions_stay_small(path):
    """A module has at most 350 lines and says what it is; a function has at most 40."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= MODULE_LINES
    assert ast.get_docstring(tree) or not text.strip()
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert not long


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_each_library_has_one_door(path):
    """Only one module or package knows a library that does I/O or has sharp edges."""
    tree = ast.parse(path.read_text("utf-8"))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {
        (node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level
    }
    wrong = [library for library in imported & DOORS.keys() if not name_of(path).startswith(DOORS[library])]
    assert not wrong


def test_imports_go_one_way():
    """The layers of pyproject.toml are kept: the way of a mail has one direction."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_lock_file_names_no_registry():
    """No file that is committed names the host of a package registry."""
    locks = [path for path in ROOT.glob("requirements*") if path.is_file()]
    assert all("http" not in path.read_text("utf-8") for path in locks)

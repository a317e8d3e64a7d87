"""Jinja2 set up for mails: which folders are searched, what is escaped, and errors as one clear sentence.

Never renders a participant's words as a template: only files are compiled. Used by ``render``; knows no letter.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import NoReturn

import jinja2
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from mailbot.errors import TemplateError

_PLAIN = ("subject", "text")  # blocks and macros whose names start so are no HTML
_WRONG = (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError, OSError)


_AS_TEXT = "as_text"  # the filter that takes the mark of HTML from a text


class _Plain(NodeTransformer):
    """``self.text()`` gives text also within HTML, so that it is escaped there."""

    def visit_Call(self, node: nodes.Call, *_: object) -> nodes.Node:  # noqa: N802 - Jinja2's name
        self.generic_visit(node)
        called = node.node
        if isinstance(called, nodes.Getattr) and called.node == nodes.Name("self", "load") and called.attr.startswith(_PLAIN):
            return nodes.Filter(node, _AS_TEXT, [], [], None, None, lineno=node.lineno)
        return node


class MailEnvironment(jinja2.Environment):
    """Escapes everything but what stands in blocks and macros that are named ``subject…`` or ``text…``."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for block in tree.find_all((nodes.Block, nodes.Macro)):
            if isinstance(block, nodes.Block | nodes.Macro) and block.name.startswith(_PLAIN):
                plain = nodes.ScopedEvalContextModifier(lineno=block.lineno)
                plain.options = [nodes.Keyword("autoescape", nodes.Const(False))]
                plain.body, block.body = block.body, [plain]
        transformed: nodes.Template = _Plain().visit(tree)
        return transformed


def builtin_folder() -> Path:
    """Where our own templates lie: in the installed package, else in the checkout beside it."""
    package = Path(str(files("mailbot")))
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


def make(language: str, override: Path | None) -> MailEnvironment:
    """Give the environment of one language: own files shadow the built-in ones one by one."""
    roots = [folder for folder in (override, builtin_folder()) if folder is not None]
    folders = [folder / part for folder in roots for part in (language, "")]
    made = MailEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.filters[_AS_TEXT] = str
    return made


@contextmanager
def explained(template: str) -> Iterator[None]:
    """Turn whatever goes wrong in a template into a ``TemplateError`` that names the file and the line."""
    try:
        yield
    except TemplateError:
        raise
    except jinja2.TemplateSyntaxError as error:
        _fail(error.filename or error.name or template, error.lineno, error.message or "syntax error")
    except jinja2.TemplateNotFound as error:
        _fail(template, None, f"the template '{error.name}' does not exist")
    except _WRONG as error:
        file, line = _where(error, template)
        _fail(file, line, str(error) or type(error).__name__)


def _where(error: BaseException, template: str) -> tuple[str, int | None]:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return (frames[-1].filename, frames[-1].lineno) if frames else (template, None)


def _fail(file: str, line: int | None, problem: str) -> NoReturn:
    place = f"{file}, line {line}" if line else file
    raise TemplateError(
        [f"template {place}: {problem.rstrip('.')}"],
        remedy="correct that line, or remove the file from templates.path so that the built-in template is used again",
    ) from None

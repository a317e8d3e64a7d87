"""The schema's history. Alembic runs from package data, without an ini file, on the connection that it is handed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; ``connection`` is already inside a transaction."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the schema to a revision, inside the connection's transaction."""
    command.upgrade(config(connection), to)


def check(connection: Connection) -> None:
    """Raise unless models and schema are the same."""
    command.check(config(connection))


def known(revision: str) -> bool:
    """Whether this mailbot knows a revision."""
    return revision in {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}

"""What Alembic runs: the models' metadata against the connection that it was handed."""

from typing import Any, Literal

from alembic import context
from sqlmodel import DateTime

from mailbot.store.marks import CleanText
from mailbot.store.tables import Base


def _plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:  # noqa: ANN401 - Alembic's signature
    """Write the database's own types into a revision, so that it never changes with our classes."""
    if kind != "type":
        return False
    if isinstance(item, CleanText):
        return "sa.String()"
    return "sa.DateTime(timezone=True)" if isinstance(getattr(item, "impl", None), DateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite can't alter tables in place
    render_item=_plain_type,
)
with context.begin_transaction():
    context.run_migrations()

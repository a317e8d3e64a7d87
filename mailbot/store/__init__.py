"""What mailbot remembers: the only door to SQLModel, SQLAlchemy and Alembic. Never speaks to a mail server, never decides."""

from mailbot.store.erase import Job, Record
from mailbot.store.ledger import Handled
from mailbot.store.listing import RequestItem, ReviewItem, StatusCounts, Step
from mailbot.store.marks import Mark
from mailbot.store.outbox import Queued
from mailbot.store.store import Store, migrate
from mailbot.store.transaction import Tx

__all__ = [
    "Handled",
    "Job",
    "Mark",
    "Queued",
    "Record",
    "RequestItem",
    "ReviewItem",
    "StatusCounts",
    "Step",
    "Store",
    "Tx",
    "migrate",
]

"""What is stored about whom and for how long, as values: read from the marks of ``tables`` for the record of processing."""

from dataclasses import dataclass

from mailbot.store.tables import all_tables, marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One personal column: ``who`` it is about and the retention ``rule`` it goes by."""

    table: str
    column: str
    who: str
    rule: str


def catalogue() -> tuple[Stored, ...]:
    """Give every personal column of every table."""
    return tuple(
        Stored(table=table.name, column=column.name, who=mark.who.value, rule=mark.rule.value)
        for table in all_tables()
        for column, mark in marked(table)
        if mark.personal
    )

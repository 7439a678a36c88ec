"""What is common to changes of a dimension and of an address."""

from enum import StrEnum


class Action(StrEnum):
    """What is to be done with a record, as the sheet writes it."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"

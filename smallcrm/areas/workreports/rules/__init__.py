"""Work reports: periods and windows, who owes one, filling in, handing in, reading, commenting, counting."""

from smallcrm.areas.workreports.rules import keeping, lines, readers  # noqa: F401  registered by being imported

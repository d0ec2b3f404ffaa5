"""What may be done with one person's data, and what must be."""

from smallcrm.areas.privacy.rules import (
    erasing,
    exporting,
    own,
    person,
    preview,
    replay,
    requests,
    restriction,
    suppression,
    traces,
)

__all__ = [
    "erasing", "exporting", "own", "person", "preview", "replay", "requests", "restriction", "suppression", "traces",
]  # fmt: skip

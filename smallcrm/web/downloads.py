"""Answers that a browser saves under a name of ours, in any script: headers themselves only carry Latin-1."""

from __future__ import annotations

import re
from typing import TypeVar
from urllib.parse import quote

from werkzeug.http import dump_options_header
from werkzeug.wrappers import Response

_UNFIT = re.compile(
    r"[/\\\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
)  # leads into a folder, ends a line, turns the writing round
Answer = TypeVar("Answer", bound=Response)


def disposition(name: str) -> str:
    """The header's value: a plain name for old browsers, the whole one for all others."""
    name = _UNFIT.sub("_", name)
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    options = {"filename": plain}
    if plain != name:
        options["filename*"] = f"UTF-8''{quote(name, safe='')}"
    return dump_options_header("attachment", options)


def saved_as(response: Answer, name: str) -> Answer:
    """The answer, to be saved as ``name``."""
    response.headers["Content-Disposition"] = disposition(name)
    return response

"""Reading a request's JSON with care: size, depth, numbers and text that no database can hold."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import request

from smallcrm.base.errors import BadRequest, Invalid, TooLarge
from smallcrm.base.i18n import L

MOST = 4 * 1024 * 1024


def json_body() -> Any:
    """The request's JSON. Raises BadRequest, TooLarge."""
    if request.content_length and request.content_length > MOST:
        raise TooLarge(L("At most %(n)s MB of JSON.", n=MOST // 1024 // 1024))
    raw = request.get_data(cache=True)
    if len(raw) > MOST:
        raise TooLarge(L("At most %(n)s MB of JSON.", n=MOST // 1024 // 1024))
    if not raw.strip():
        return None
    kind = request.mimetype
    if kind != "application/json" and not kind.endswith("+json"):
        raise BadRequest(L("Send JSON with Content-Type: application/json."))
    return parse(raw)


def parse(raw: bytes | str) -> Any:
    """JSON text as Python values. Raises BadRequest."""
    try:
        found = json.loads(raw, parse_constant=_no_constant, parse_float=_finite)
        _walk(found, 0)
    except RecursionError:
        raise BadRequest(L("This JSON is nested too deeply.")) from None
    except (ValueError, UnicodeError):
        raise BadRequest(L("This is no valid JSON.")) from None
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _walk(value: Any, depth: int) -> None:
    if depth > 40:
        raise RecursionError
    if isinstance(value, dict):
        for key, each in value.items():
            key.encode()
            _walk(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _walk(each, depth + 1)


def record_body() -> dict[str, Any]:
    """A record's values as sent: an object, custom fields lifted out of ``custom``. Raises BadRequest, Invalid."""
    found = json_body()
    if not isinstance(found, dict):
        raise BadRequest(L("Send an object with the record's fields."))
    return lifted(found)


def lifted(found: dict[str, Any]) -> dict[str, Any]:
    """The same values, custom fields lifted out of ``custom``. Raises Invalid."""
    custom = found.pop("custom", None)
    if custom is not None:
        if not isinstance(custom, dict):
            raise Invalid({"custom": [str(L("Send an object."))]})
        for name, value in custom.items():
            if not (name.startswith("c") and name[1:].isdigit()):
                raise Invalid({"custom": [str(L("There is no field “%(field)s”.", field=str(name)[:60]))]})
            found[name] = value
    return found

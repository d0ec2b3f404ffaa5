"""Where a list stands: view, filter, order, search, moment; and the addresses that lead from there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from flask import request

from smallcrm.base import clock
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import query, views
from smallcrm.records.fields import Cleaning, FieldError, Moment
from smallcrm.records.record import RecordType
from smallcrm.records.views import View
from smallcrm.web.api.body import parse
from smallcrm.web.security import local_path


@dataclass(frozen=True)
class ListState:
    """The state of one list, read from its address."""

    actor: Actor
    kind: RecordType
    view: View
    filter: Any
    sort: str | None
    q: str
    as_of: str | None = None
    bin: bool = False
    back: str = ""  # the page that the filter's editors were opened on, where that is not the list

    @property
    def changed(self) -> bool:
        """Whether it differs from the saved view."""
        return bool(
            (self.filter or None) != (self.view.filter or None) or (self.sort or None) != (self.view.sort or None)
        )

    @cached_property
    def filter_text(self) -> str:
        """The filter as JSON, empty for none."""
        return json.dumps(self.filter, ensure_ascii=False, separators=(",", ":")) if self.filter else ""

    def ask(
        self, columns: list[str] | tuple[str, ...] = (), *, cursor: str | None = None, limit: int = 50
    ) -> query.Ask:
        """What the list reads."""
        return query.Ask(
            self.actor,
            self.kind,
            columns,
            self.filter,
            self.q,
            self.sort,
            limit,
            cursor,
            bin=self.bin,
            as_of=self.as_of,
        )

    def url(self, path: str = "", **changes: Any) -> str:
        """The address of this list (or of ``path`` under it) with some of its state changed."""
        parts = [f"/{self.kind.card.name}{path}?view={quote(self.view.key)}"]
        if "filter" in changes:
            parts.append(_filter_part(changes["filter"], self.view))
        else:
            parts.append(self._filter_part)
        sort = changes.get("sort", self.sort)
        if (sort or None) != (self.view.sort or None):
            parts.append(f"&sort={quote(sort or self.kind.card.order)}")
        for name, held in (("q", self.q), ("as_of", self.as_of)):
            value = changes.get(name, held)
            if value:
                parts.append(f"&{name}={quote(value)}")
        if self.bin:
            parts.append("&bin=1")
        if self.back and path == "/chip":
            parts.append(f"&back={quote(self.back, safe='')}")
        more = ((name, changes.get(name)) for name in ("cursor", "index", "field", "only"))
        parts += [f"&{name}={quote(str(value))}" for name, value in more if value is not None]
        return "".join(parts)

    @cached_property
    def _filter_part(self) -> str:
        return _filter_part(self.filter, self.view)


def _filter_part(filter_: Any, view: View) -> str:
    """The filter in an address; nothing where it is the view's own."""
    if (filter_ or None) == (view.filter or None):
        return ""
    text = json.dumps(filter_, ensure_ascii=False, separators=(",", ":")) if filter_ else "{}"
    return f"&filter={quote(text)}"


def read(actor: Actor, kind: RecordType) -> ListState:
    """The state that this request's address asks for. Raises NotFound, BadRequest."""
    view = views.view(actor, kind, request.values.get("view"))
    filter_ = view.filter
    if request.values.get("filter") is not None:
        text = request.values["filter"].strip()
        filter_ = (parse(text) or None) if text else None
    sort = request.values.get("sort") or view.sort
    return ListState(
        actor,
        kind,
        view,
        filter_,
        sort,
        request.values.get("q", "").strip()[:200],
        moment(),
        bool(request.values.get("bin")),
        local_path(request.values.get("back"), "") if request.path.endswith("/chip") else "",
    )


def with_filter(url: str, filter_: Any) -> str:
    """An address of ours with this filter instead of the one that stands in it."""
    path, _, query_ = url.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query_, keep_blank_values=True) if name != "filter"]
    text = json.dumps(filter_, ensure_ascii=False, separators=(",", ":")) if filter_ else ""
    return f"{path}?{urlencode([*kept, ('filter', text)])}"


def moment() -> str | None:
    """``as_of`` of the address in stored form: a moment, or a day that means its end. Raises BadRequest."""
    text = request.values.get("as_of", "").strip()
    if not text:
        return None
    try:
        found = Moment("as_of").clean(text if "T" in text else f"{text}T23:59:59", Cleaning())
    except FieldError as error:
        raise BadRequest(str(error)) from None
    if found <= clock.stamp():
        return found
    if text == clock.today().isoformat():
        return None
    raise BadRequest(L("That day has not come yet."))

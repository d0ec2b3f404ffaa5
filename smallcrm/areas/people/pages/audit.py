"""``/admin/audit``: who did what, when, to which record; filtered, and as a file. For readers with the right "audit"."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from flask import make_response, request
from werkzeug.wrappers import Response

from smallcrm.areas.people import audit_book, audit_log
from smallcrm.areas.people.audit_log import Line, Which
from smallcrm.areas.people.pages import people
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, NotFound
from smallcrm.base.i18n import L, _
from smallcrm.identity.actor import Actor
from smallcrm.records import access, audit, labels
from smallcrm.records.record import all_types
from smallcrm.web import settings_shell
from smallcrm.web.context import actor

HERE = "/admin/audit"
PAGE = 50
MOST = 50_000  # lines in a file
_FILTERS = ("who", "what", "since", "until", "type", "record")
_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def _reader() -> Actor:
    who = actor()
    if not who.may("audit"):
        raise Forbidden(access.refusal(who, "view"))
    return who


def _which() -> Which:
    args = request.args
    return Which(
        who=args.get("who", type=int),
        what=args.get("what", ""),
        since=args.get("since", ""),
        until=args.get("until", ""),
        type=args.get("type", ""),
        record=args.get("record", type=int) if args.get("type") else None,
        before=args.get("before", ""),
    )


def _query(**more: str) -> str:
    kept = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
    return urlencode({**kept, **more})


@people.get("/admin/audit")
def audit_page() -> str:
    """The latest lines, or those that fit."""
    who, which = _reader(), _which()
    found = audit_log.page(which, limit=PAGE + 1)
    lines = found[:PAGE]
    names = audit_log.names_of(who, lines)
    paged = {kind.card.key: kind.card.name for kind in all_types() if kind.card.pages}
    return settings_shell.page(
        "people/audit.html",
        HERE,
        rows=[
            {
                "line": line,
                "who": audit_log.who_words(line),
                "what": line.words,
                "about": names.get(line.about, "") if line.about else "",
                "kind": audit_log.type_label(line.about[0]) if line.about else "",
                "url": f"/{paged[line.about[0]]}/{line.about[1]}"
                if line.about and line.about in names and line.about[0] in paged
                else "",
                "detail": audit_log.detail_words(who, line),
                "how": line.how,
            }
            for line in lines
        ],
        more=f"?{_query(before=lines[-1].key)}" if len(found) > PAGE else None,
        query=_query(),
        which=which,
        who_name=access.names(who, "user", [which.who]).get(which.who, "") if which.who else "",
        kinds=audit_log.kinds(),
        types=[(kind.card.name, labels.one(kind)) for kind in all_types()],
        filtered=bool(_query()),
        most=MOST,
    )


@people.get("/admin/audit.<ending>")
def audit_file(ending: str) -> Response:
    """The lines that fit, as xlsx or csv."""
    who, which = _reader(), _which()
    if ending not in _KINDS:
        raise NotFound(L("There is nothing here, or you may not see it."))
    head = [_("When"), _("Who"), _("What"), _("How"), _("Kind"), _("Record"), _("Details"), _("From")]
    rows = _cells(who, audit_log.everything(which, most=MOST))
    data = audit_book.workbook(_("Audit log"), head, rows) if ending == "xlsx" else audit_book.separated(head, rows)
    audit.log(who, "audit exported", detail={"filter": _query() or "all"})
    response = make_response(data)
    response.headers["Content-Type"] = _KINDS[ending]
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{clock.today().isoformat()}.{ending}"'
    return response


def _cells(who: Actor, lines: Iterator[Line]) -> Iterator[list[str]]:
    chunk: list[Line] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == 500:
            yield from _chunk_cells(who, chunk)
            chunk = []
    yield from _chunk_cells(who, chunk)


def _chunk_cells(who: Actor, lines: list[Line]) -> Iterator[list[str]]:
    names = audit_log.names_of(who, lines)
    for line in lines:
        kind = audit_log.type_label(line.about[0]) if line.about else ""
        record = names.get(line.about) or f"#{line.about[1]}" if line.about else ""
        yield [
            line.at, audit_log.who_words(line), line.words, line.how, kind, record, audit_log.detail_words(who, line),
            line.address,
        ]  # fmt: skip

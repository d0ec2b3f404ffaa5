"""Importing: the file, its columns with a look at what will happen, the run."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.transfer import answers, checking, drawing, running, staging
from smallcrm.areas.transfer.pages import transfer
from smallcrm.areas.transfer.staging import Staged
from smallcrm.base.errors import BadRequest, Forbidden, Invalid
from smallcrm.base.i18n import L, _
from smallcrm.identity.actor import Actor, Scope
from smallcrm.jobs import work
from smallcrm.records import access, labels
from smallcrm.records.importing.defaulting import as_columns, pools_for
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.record import RecordType, all_types, by_key
from smallcrm.web import inputs, longwork, reauth
from smallcrm.web.context import actor

ACCEPT = ".xlsx,.xlsm,.xls,.ods,.csv,.txt,.tsv"
STEPS = (L("File"), L("Columns and check"), L("Run"), L("Result"))


def may_import(who: Actor, kind: RecordType) -> bool:
    """Whether the actor may bring files of a type in."""
    return kind.card.importable and kind.card.pages and who.scope(kind.card.key, "import") is not Scope.NONE


def need(who: Actor, kind: RecordType) -> None:
    """Raise Forbidden for those who may not."""
    if not may_import(who, kind):
        raise Forbidden(L("You may not import these."))


@transfer.get("/import")
def overview() -> str:
    """What may be imported, and the files of the last day."""
    who = actor()
    kinds = [kind for kind in all_types() if may_import(who, kind)]
    by_key = {kind.card.key: kind for kind in kinds}
    files = [(each, by_key[each.record_type]) for each in staging.latest(who) if each.record_type in by_key]
    return render_template("transfer/overview.html", kinds=kinds, files=files)


@transfer.get("/<type:kind>/import")
def file_page(kind: RecordType) -> str:
    """Step 1: drop the file."""
    who = actor()
    need(who, kind)
    files = [each for each in staging.latest(who) if each.record_type == kind.card.key][:5]
    return render_template("transfer/file.html", kind=kind, steps=STEPS, accept=_accept(kind), files=files, error="")


def _accept(kind: RecordType) -> str:
    return f"{ACCEPT},.vcf" if kind.card.key in ("contact", "customer") else ACCEPT


@transfer.post("/<type:kind>/import")
def upload(kind: RecordType) -> Response | tuple[str, int]:
    """Keep the file and read it."""
    who = actor()
    need(who, kind)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadRequest(L("Choose a file first."))
    made = staging.begin(who, kind, sent.filename.replace("\\", "/").rpartition("/")[2][-200:])
    try:
        sent.save(made.path)
        checking.prepare(kind, made)
        with checking.opened(made):
            pass
    except (Invalid, BadRequest) as error:
        staging.discard(made)
        files = [each for each in staging.latest(who) if each.record_type == kind.card.key][:5]
        page = render_template(
            "transfer/file.html", kind=kind, steps=STEPS, accept=_accept(kind), files=files, error=str(error)
        )
        return page, 422
    except BaseException:
        staging.discard(made)
        raise
    staging.keep(made)
    return redirect(f"/{kind.card.name}/import/{made.token}", 303)


# ---------------------------------------------------------------- columns and check


@transfer.get("/<type:kind>/import/<token>")
def staged_page(kind: RecordType, token: str) -> Response | str:
    """Wherever the file stands: columns and check, the run, or its result."""
    who = actor()
    need(who, kind)
    found = staging.find(who, token, kind=kind)
    if found.work is not None:
        return _run_page(who, kind, found)
    with checking.opened(found) as book:
        read = checking.read(who, kind, found, book)
        back = read.reading.guess.coming_back
        if back is not None and back.type == kind.card.key and request.args.get("as") != "import":
            return redirect(f"/{kind.card.name}/import/{token}/differences", 303)
        context = _context(who, kind, found, read)
        return render_template("transfer/check.html", sheets=len(book.sheets), **context)


def _context(who: Actor, kind: RecordType, found: Staged, read: checking.Read) -> dict[str, Any]:
    reading = read.reading
    checked = checking.check(who, kind, found, reading)
    show = request.values.get("show", "")
    context: dict[str, Any] = {
        "kind": kind, "found": found, "reading": reading, "since": read.since, "checked": checked, "show": show,
        "steps": STEPS, "url": f"/{kind.card.name}/import/{found.token}",
        "columns": drawing.column_rows(who, kind, reading, checked.summary),
        "asked": drawing.questions(reading), "remarks": [str(each) for each in reading.guess.remarks],
        "defaults": default_inputs(who, kind, reading), "missing": _missing(kind, reading, checked.summary),
        "matched": sum(1 for column in reading.guess.columns if column.field),
    }  # fmt: skip
    if checked.summary is not None:
        rows, more = drawing.rows(who, checked.path, reading, show)
        context |= {
            "tiles": drawing.tiles(checked.summary), "chips": drawing.chips(reading, checked.summary, show),
            "rows": rows, "more": drawing.PAGE if more else None, "heads": drawing.preview_columns(reading),
            "writes": checked.summary.writes, "binned": checked.summary.by_outcome.get("binned", 0),
            "made": [(labels.many(_kind(key)), n) for key, n in checked.summary.made.items()],
        }  # fmt: skip
    elif checked.work is not None:
        progress = work.get(checked.work)
        context |= {"say": longwork.words(progress), "percent": longwork.percent(progress)}
    return context


def _kind(key: str) -> RecordType:
    from smallcrm.records.record import by_key

    return by_key(key)


def default_inputs(who: Actor, kind: RecordType, reading: Reading) -> list[inputs.Input]:
    """Controls for what new records get where the file says nothing."""
    said = dict(reading.mapping.defaults or {})
    columns = {name: target.column for name, target in reading.targets.items() if target.field is not None}
    wanted = [n for n in ("owner", "source", "tags", "role", "team", "status", "kind") if n in as_columns(columns)]
    found = _pool_input(who, kind, said.get("pool"))
    for name in wanted:
        if name in reading.used or (each := reading.targets[name].field) is None:
            continue
        value = said.get(name)
        if each.kind == "link" and value is not None and not isinstance(value, int):
            from smallcrm.records.importing.names import Finder
            from smallcrm.records.record import by_key

            value = Finder(who, by_key(str(getattr(each, "to", ""))))(str(value)).id
        control = inputs.of(who, kind, name, each, {each.columns[0]: value})
        control.name, control.required, control.readonly, control.help = f"d-{name}", False, False, ""
        if each.is_list:
            control.kind, control.value, control.options = "text", "; ".join(value or []), {}
        found.append(control)
    return found


def _pool_input(who: Actor, kind: RecordType, value: Any) -> list[inputs.Input]:
    """The pools that the actor may bring new records into; nothing where there are none."""
    names = pools_for(who, kind)
    if not names:
        return []
    text = str(value).lstrip("#") if value else ""
    chosen = next((number for number, name in names.items() if text in (str(number), name)), "")
    choices = [(number, name) for number, name in names.items()]
    label = labels.one(by_key("pool"))
    return [inputs.Input("choice", "d-pool", label, chosen, options={"choices": choices, "empty": _("Into no pool")})]


def _missing(kind: RecordType, reading: Reading, summary: Any) -> list[tuple[str, str, int, bool]]:
    """Links whose names lead nowhere and may be made: field, label, how many rows, whether it is chosen."""
    chosen = set(reading.mapping.create_missing or ())
    counts = {name: n for code, name, n in (summary.problems if summary else ()) if code == "not_found"}
    return [
        (name, target.label, counts.get(name, 0), name in chosen)
        for name, target in reading.targets.items()
        if (name in counts or name in chosen) and target.column.kind == "link"
    ]


@transfer.get("/<type:kind>/import/<token>/check")
def check_part(kind: RecordType, token: str) -> Response | str:
    """The page's middle again: polled while a long check runs."""
    who = actor()
    need(who, kind)
    found = staging.find(who, token, kind=kind)
    with checking.opened(found) as book:
        context = _context(who, kind, found, checking.read(who, kind, found, book))
        return render_template("transfer/_check.html", sheets=len(book.sheets), **context)


@transfer.post("/<type:kind>/import/<token>/columns")
def change_columns(kind: RecordType, token: str) -> Response | str:
    """Columns, keys, mode, defaults, or one answer: then the check anew."""
    who = actor()
    need(who, kind)
    with staging.changing(token):
        found = staging.find(who, token, kind=kind)
        _not_running(found)
        with checking.opened(found) as book:
            reading = checking.read(who, kind, found, book).reading
            if request.form.get("answer"):
                said = answers.take_answer(reading, found.mapping, request.form["answer"])
            else:
                said = answers.take_columns(who, kind, reading, found.mapping, request.form)
        found.put(mapping=said)
    return after(kind, found)


def after(kind: RecordType, found: Staged) -> Response | str:
    """The page's middle anew, or a redirect where no script asked."""
    if request.headers.get("HX-Request"):
        return check_part(kind, found.token)
    return redirect(f"/{kind.card.name}/import/{found.token}", 303)


def _not_running(found: Staged) -> None:
    if found.work is not None:
        raise BadRequest(L("This import was started already."))


@transfer.get("/<type:kind>/import/<token>/rows")
def more_rows(kind: RecordType, token: str) -> str:
    """Further rows of the preview."""
    who = actor()
    need(who, kind)
    found = staging.find(who, token, kind=kind)
    start, show = request.args.get("after", 0, type=int), request.args.get("show", "")
    with checking.opened(found) as book:
        reading = checking.read(who, kind, found, book).reading
        rows, more = drawing.rows(who, found.folder / "plan" / "plan.rows", reading, show, start)
        return render_template(
            "transfer/_rows.html", rows=rows, more=start + drawing.PAGE if more else None, show=show,
            url=f"/{kind.card.name}/import/{token}", heads=drawing.preview_columns(reading),
        )  # fmt: skip


# ---------------------------------------------------------------- run


@transfer.post("/<type:kind>/import/<token>/run")
def run_import(kind: RecordType, token: str) -> Response | str:
    """Start it. While a question is open nothing is written."""
    who = actor()
    need(who, kind)
    with staging.changing(token):
        found = staging.find(who, token, kind=kind)
        _not_running(found)
        with checking.opened(found) as book:
            reading = checking.read(who, kind, found, book).reading
        reauth.need(kind)
        asked = bool(reading.guess.questions) or not reading.used
        if not asked:
            running.start(who, kind, found, reading)
    if asked:
        return after(kind, found)
    url = f"/{kind.card.name}/import/{token}"
    if request.headers.get("HX-Request"):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def _run_page(who: Actor, kind: RecordType, found: Staged) -> Response | str:
    from smallcrm.areas.transfer.pages.result import result_page

    return result_page(who, kind, found)


@transfer.post("/<type:kind>/import/<token>/drop")
def drop(kind: RecordType, token: str) -> Response:
    """Forget the file."""
    who = actor()
    need(who, kind)
    staging.drop(staging.find(who, token, kind=kind))
    return redirect(f"/{kind.card.name}/import", 303)


__all__ = ["access", "default_inputs", "may_import", "need"]

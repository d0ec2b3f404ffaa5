"""Backups: what there is, making one, checking, taking one home, and restoring the whole of it."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, send_file
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.admin import condition, means
from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.areas.admin.rules import looking, making, restoring
from smallcrm.base import formats
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.records import audit, settings
from smallcrm.store import backups, snapshot
from smallcrm.store.backups import Listed
from smallcrm.web.reauth import needs_password
from smallcrm.web.settings_shell import page

HERE = "/admin/backups"
_PATIENCE = 2.0  # seconds a page waits for a small backup before it shows the progress instead


@admin.get("/admin/backups")
def backup_list() -> str:
    """All of them, the newest first."""
    who = need("backup")
    data = store.folder()
    folder = backups.folder_of(data)
    set_up = means.now()
    return page(
        "admin/backups.html",
        HERE,
        found=[_shown(one) for one in backups.listing(folder)],
        health=condition.backup_health(data),
        runs=backups.runs(folder)[:5],
        folder=str(folder),
        second=str(set_up.second) if set_up.second else "",
        copies=len(backups.copies(folder)),
        encrypted=bool(set_up.passphrase),
        owner=who.may("everything"),
        ended=restoring.last(),
        under_way=[w for w in work.under_way() if w.kind in ("backup", "backup check", "backup look")],
    )


def _shown(one: Listed) -> dict[str, Any]:
    return {
        "name": one.path.name, "moment": one.moment, "size": formats.size(one.size), "good": one.good,
        "checked_at": one.checked_at, "words": [str(word) for word in one.words], "encrypted": one.encrypted,
        "plain": one.plain, "version": one.version, "files": one.files, "label": one.label,
    }  # fmt: skip


@admin.post("/admin/backups")
def make_backup() -> Response:
    """One now."""
    return redirect(f"/works/{making.make(need('backup'))}", 303)


@admin.post("/admin/backups/<name>/check")
def check_backup(name: str) -> Response:
    """Unpack it and compare everything."""
    return redirect(f"/works/{making.check(need('backup'), name, passphrase=_passphrase())}", 303)


@admin.route("/admin/backups/<name>/download", methods=["GET", "POST"])
@needs_password
def download(name: str) -> Response:
    """The file, for an owner's eyes: it holds everything."""
    who = _owner()
    path = looking.path_of(name)
    audit.log(who, "backup downloaded", detail={"file": name})
    response = send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _owner() -> Actor:
    who = need("backup")
    if not who.may("everything"):
        raise Forbidden(L("Only an owner may do this: a backup holds everything there is."))
    return who


def _passphrase() -> str:
    return request.form.get("passphrase", "")


# ---------------------------------------------------------------- restoring all of it


@admin.get("/admin/backups/<name>/restore")
@needs_password
def restore_page(name: str) -> str:
    """What will happen, and the typed confirmation."""
    _owner()
    return _restore_form(looking.find_backup(name), {})


def _restore_form(one: Listed, errors: dict[str, list[str]]) -> str:
    return page(
        "admin/restore.html", HERE, backup=_shown(one), word=settings.get("company.name"), errors=errors,
        needs_passphrase=one.encrypted and not means.now().passphrase, newer=_newer(one),
    )  # fmt: skip


def _newer(one: Listed) -> int:
    """How many change-sets have been written since: what will be missing."""
    from smallcrm.base import clock

    sql = "SELECT count(*) FROM (SELECT 1 FROM change_set WHERE at > ? LIMIT 10001)"
    return int(store.value(sql, (clock.iso(one.moment),)))


@admin.post("/admin/backups/<name>/restore")
@needs_password
def restore(name: str) -> Response | tuple[str, int]:
    """Check the typed word and the passphrase, then begin; from the next request on everybody waits."""
    who, one = _owner(), looking.find_backup(name)
    errors: dict[str, list[str]] = {}
    word = str(settings.get("company.name"))
    if request.form.get("word", "").strip() != word:
        errors["word"] = [str(L("Type %(word)s exactly as it stands above.", word=word))]
    if not errors and one.encrypted:
        errors = _wrong_passphrase(one)
    if errors:
        return _restore_form(one, errors), 422
    restoring.begin(who, name, passphrase=_passphrase())
    return redirect(HERE, 303)


def _wrong_passphrase(one: Listed) -> dict[str, list[str]]:
    """Opening it costs little and says at once what would otherwise be said after everybody had waited."""
    try:
        with snapshot.opened(one.path, _passphrase() or means.now().passphrase or None):
            return {}
    except Invalid as error:
        return {"passphrase": [str(error)]}


# ---------------------------------------------------------------- opening one to look into it


@admin.post("/admin/backups/<name>/open")
@needs_password
def open_backup(name: str) -> Response:
    """Unpack its database; a small one is open at once, a large one shows its progress."""
    who = need("backup")
    if looking.opened(name, must=False) is None:
        key = making.open_for_looking(who, name, passphrase=_passphrase())
        if work.join(key, _PATIENCE).state != "done":
            return redirect(f"/works/{key}", 303)
    return redirect(f"/admin/backups/{name}/look", 303)

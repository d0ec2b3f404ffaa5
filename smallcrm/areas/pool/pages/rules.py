"""The rules of a pool, edited beside its list, with what they would do tonight before they are saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.pool.pages import back, pool_pages
from smallcrm.areas.pool.records import Pool, grades
from smallcrm.areas.pool.rules import pools, preview, words
from smallcrm.areas.pool.rules.pools import Rules
from smallcrm.areas.pool.rules.preview import Preview
from smallcrm.base.errors import Invalid, Stale
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, labels
from smallcrm.records.clean import Errors, clean
from smallcrm.records.record import Record, values
from smallcrm.web import inputs, toasts
from smallcrm.web import typed as typing
from smallcrm.web.context import actor

NAMED = 5  # that the preview shows at once
MORE = 200

GRID = (
    ("days_without_follow_up", "days_by_grade", L("No follow-up for")),
    ("days_without_deal", "deal_days_by_grade", L("No deal for")),
    ("days_without_opportunity", "opportunity_days_by_grade", L("No opportunity for")),
)
EXEMPT = ("exempt_won", "exempt_open_business")
MORE_RECYCLE = ("longest_days", "protection_days", "inactive_owner")
CLAIMS = (
    "daily_claim_limit", "holding_limit", "holding_without_won", "holding_without_tags", "previous_owner_cooldown_days",
    "previous_owner_rule", "new_record_cooldown_days", "refuse_won", "lock_limit", "clear_team",
)  # fmt: skip


def editor(
    who: Actor, pool: Rules, typed: Mapping[str, Any] | None = None, errors: Errors | None = None
) -> dict[str, Any]:
    """What the editor's template needs: the table of days by grade, the other controls, and the preview."""
    held = dict(pool.values)
    found = Invalid(errors or {})
    return {
        "pool": pool,
        "version": held.get("version"),
        "rows": _grid(held, typed),
        "heads": [str(label) for _, _, label in GRID],
        "remind": _shown(held, typed, "remind_days_before"),
        "exempt": [_control(who, held, name, typed, errors) for name in EXEMPT],
        "tags": _control(who, held, "exempt_tags", typed, errors),
        "more": [_control(who, held, name, typed, errors) for name in MORE_RECYCLE],
        "claims": [_control(who, held, name, typed, errors) for name in CLAIMS],
        "errors": found.errors,
        "error_labels": {name: labels.field(Pool, name) for name in found.errors if name},
        "preview": context(who, preview.preview(held)),
    }


def _grid(held: Mapping[str, Any], typed: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """A row a grade, and one for all others: (name of the input, what it shows, what is saved, what it falls back to)."""
    rows = []
    for option in [*grades(), None]:
        cells = []
        for plain, by_grade, _ in GRID:
            general = held.get(plain)
            if option is None:
                cells.append((plain, _shown(held, typed, plain), _text(general), ""))
                continue
            saved = (held.get(by_grade) or {}).get(option.key)
            shown = saved if typed is None else (typed.get(by_grade) or {}).get(option.key, saved)
            cells.append((f"{by_grade}-{option.key}", _text(shown), _text(saved), _text(general)))
        rows.append(
            {"grade": option.key if option else "", "label": str(option.label) if option else "", "cells": cells}
        )
    return rows


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _shown(held: Mapping[str, Any], typed: Mapping[str, Any] | None, name: str) -> str:
    return _text(typed[name] if typed is not None and name in typed else held.get(name))


def _control(
    who: Actor, held: Mapping[str, Any], name: str, typed: Mapping[str, Any] | None, errors: Errors | None
) -> inputs.Input:
    field = access.readable(who, Pool)[name]
    return inputs.of(who, Pool, name, field, held, typed=typed, errors=errors)


def context(who: Actor, found: Preview, *, only: str = "") -> dict[str, Any]:
    """A preview ready to be drawn: owners with bars, the first few by name, or all of them, or only the new ones."""
    owners = found.by_owner()
    names = access.names(who, "user", [owner for owner, _ in owners])
    most = max((n for _, n in owners), default=1)
    wanted = [each for each in found.falling if each.new] if only == "new" else found.falling
    kind = found.kind
    seen = preview.within_reach(who, wanted, kind)
    shown = seen[: MORE if only else NAMED]
    titles = access.names(who, kind.card.key, [each.id for each in shown])
    return {
        "found": found,
        "kind": kind,
        "owners": [(names.get(owner, "–"), n, round(n * 100 / most)) for owner, n in owners],
        "items": [(each, titles.get(each.id, f"#{each.id}"), words.cause(each.why, each.days)) for each in shown],
        "seen": len(seen),
        "unseen": len(wanted) - len(seen),
        "kept": [(str(words.KEPT.get(why, why)), n) for why, n in found.kept.items()],
        "only": only,
        "tonight": preview.next_run(),
    }


def _record(who: Actor, number: int) -> Record:
    return access.find(who, Pool, number, "edit")


def _typed(who: Actor, held: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], Errors]:
    """(what was typed, as values, what cannot be read)."""
    typed = typing.collect(who, Pool, request.form)
    given, errors = typing.values(who, Pool, typed, held)
    return typed, given, errors


@pool_pages.post("/pool/<int:number>/preview")
def show_preview(number: int) -> str | tuple[str, int]:
    """What the rules as they are typed would do tonight."""
    who = actor()
    record = _record(who, number)
    held = values(record)
    _, given, errors = _typed(who, held)
    columns, more = clean(who, Pool, given, before=held)
    errors = {**more, **errors}
    if errors:
        text = "; ".join(f"{labels.field(Pool, name)}: {' '.join(found)}" for name, found in errors.items() if name)
        return render_template("pool/_preview.html", error=text, pool=number, pv={})
    found = preview.preview({**held, **columns})
    only = request.form.get("only", "")
    shown = context(who, found, only=only if only in ("all", "new") else "")
    return render_template("pool/_preview.html", error="", pool=number, pv=shown)


@pool_pages.post("/pool/<int:number>/rules")
def save_rules(number: int) -> Response | tuple[str, int]:
    """Keep the rules; they hold from the next nightly run on."""
    who = actor()
    record = _record(who, number)
    held = values(record)
    typed, given, errors = _typed(who, held)
    try:
        if errors:
            _, more = clean(who, Pool, given, before=held)
            raise Invalid({**more, **errors})
        with changesets.opened(who, "form") as mine:
            change.update(who, record, given, version=request.form.get("version", type=int))
        toasts.say(str(L("The rules are kept; they hold from the next night on.")), undo=mine.id or None)
    except Invalid as error:
        return _again(who, number, typed, error.errors), 422
    except Stale as error:
        return _again(who, number, typed, {"": [str(error)]}), 412
    return back(f"/pool?pool={number}&rules=1")


def _again(who: Actor, number: int, typed: Mapping[str, Any], errors: Mapping[str, list[str]]) -> str:
    from smallcrm.areas.pool.pages import state, waiting

    pool = pools.every()[number]
    here = state.PoolState(who, pool, rules=True)
    shown = waiting.frame_context(who, here) | {"editor": editor(who, pool, typed, dict(errors))}
    return render_template("pool/page.html", here=here, **waiting.rows_context(who, here, None), **shown)

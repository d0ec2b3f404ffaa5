"""The rows of a list as HTML: raw tuples, masked where they must be, drawn column by column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from smallcrm.base import formats
from smallcrm.base.i18n import language
from smallcrm.identity.actor import Actor
from smallcrm.records import access, present, settings
from smallcrm.records.fields import AnyLink, Choice, Choices, Field, Link
from smallcrm.records.query import Page
from smallcrm.records.record import RecordType
from smallcrm.web import columns as drawing
from smallcrm.web.columns import Look, is_figure

GONE = ' class="gone-row"'


def draw(
    actor: Actor,
    kind: RecordType,
    page: Page,
    columns: Iterable[str],
    headings: dict[str, str],
    *,
    ticks: bool = True,
    bin: bool = False,
) -> Markup:
    """The rows of a page. ``headings``: what stands over each column, said by each cell on a phone."""
    rows, look = prepare(actor, kind, page)
    fields = {each.key: each for each in page.fields}
    base, title = f"/{kind.card.name}/", kind.card.title
    cells = [drawing.tick(page.at[title])] if ticks else []
    for name in columns:
        if name == title:
            cells.append(drawing.title(base, page.at[name]))
        elif name in fields:
            cells.append(drawing.column(fields[name], page.at[name], headings[name], look))
    may = access.within(actor, kind, (row[0] for row in rows), "edit") if any(f.inline for f in page.fields) else set()
    heads = [
        f'<tr data-row id="row-{row[0]}" data-base="{base}{row[0]}"{GONE if row[2] and not bin else ""}>'
        for row in rows
    ]
    made = [f"{''.join(parts)}</tr>" for parts in zip(heads, *(cell(rows, may) for cell in cells), strict=True)]
    return Markup("".join(made))  # noqa: S704  every value was escaped by ``columns``


def prepare(actor: Actor, kind: RecordType, page: Page) -> tuple[list[tuple[Any, ...]], Look]:
    """The rows with masked values as dots, and the names and labels that drawing them needs."""
    rows = _mask(actor, kind, page)
    return rows, _look(actor, page, rows)


def _look(actor: Actor, page: Page, rows: list[tuple[Any, ...]]) -> Look:
    """The names and labels that the columns shown need."""
    found = Look(actor.id, settings.get("company.currency"), reading=access.reading(actor))
    for each in page.fields:
        at = page.at[each.key]
        if isinstance(each, Link):
            found.names.setdefault(each.to, {}).update(access.names(actor, each.to, (row[at] for row in rows)))
        elif isinstance(each, AnyLink):
            for key in {row[at + 1] for row in rows if row[at]}:
                ids = (row[at] for row in rows if row[at + 1] == key)
                found.names.setdefault(key, {}).update(access.names(actor, key, ids))
        elif isinstance(each, Choice | Choices):
            found.labels[each.key] = {option.key: str(option.label) for option in each.options}
    return found


def _mask(actor: Actor, kind: RecordType, page: Page) -> list[tuple[Any, ...]]:
    pools = access.masked_pools(actor, kind)
    hidden = [each for each in page.fields if each.masked]
    if not pools or not hidden or "pool_of" not in page.at:
        return page.rows
    pool_at = page.at["pool_of"]
    masked_rows = []
    for row in page.rows:
        groups = pools.get(row[pool_at] or 0)
        if groups:
            values = list(row)
            for each in hidden:
                if each.masked in groups:
                    at = page.at[each.key]
                    values[at] = each.to_sql(present.mask(each, each.from_sql(values[at])))
            row = tuple(values)
        masked_rows.append(row)
    return masked_rows


def heading_unit(each: Field) -> str:
    """The unit that stands in a column's head."""
    return formats.symbol(settings.get("company.currency"), language()) if each.kind == "money" else ""


numeric = is_figure

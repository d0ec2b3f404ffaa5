"""The rows of a list: one Jinja template generated for each type and set of columns, from a snippet a field kind, and kept.

A row is a raw tuple; ``at`` says where each field stands in it. No macro is called for a cell, and autoescape stays on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import current_app
from jinja2 import Template

from smallcrm.base import clock
from smallcrm.base.i18n import language
from smallcrm.identity.actor import Actor
from smallcrm.records import access, present
from smallcrm.records.fields import AnyLink, Choice, Choices, Field, Link, Texts
from smallcrm.records.query import Page
from smallcrm.records.record import RecordType, by_key

DASH = '<td class="none dim{num}">–</td>'


@dataclass
class Rows:
    """What a generated template needs beside the rows."""

    names: dict[str, dict[int, str]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    labels_of: dict[str, str] = field(default_factory=dict)
    editable: frozenset[int] = frozenset()


def prepare(actor: Actor, kind: RecordType, page: Page, headings: dict[str, str]) -> tuple[list[tuple[Any, ...]], Rows]:
    """Rows with masked values hidden, and the names and labels they need."""
    rows = _mask(actor, kind, page)
    found = Rows(labels_of=headings)
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
    if any(each.inline for each in page.fields):
        found.editable = frozenset(access.within(actor, kind, (row[0] for row in rows), "edit"))
    return rows, found


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


def template(kind: RecordType, fields: Sequence[Field], at: dict[str, int], *, ticks: bool) -> Template:
    """The template of these columns."""
    marks = tuple((each.key, at[each.key]) for each in fields)
    return _template(kind.card.key, marks, ticks, tuple(_shape(each) for each in fields))


def _shape(each: Field) -> str:
    """What of a field goes into its snippet, so that a changed custom field is not drawn by an old template."""
    return f"{each.kind}{each.inline}{getattr(each, 'to', '')}{getattr(each, 'of', '')}{getattr(each, 'places', '')}"


@lru_cache(maxsize=256)
def _template(key: str, marks: tuple[tuple[str, int], ...], ticks: bool, _shapes: tuple[str, ...]) -> Template:
    from smallcrm.records.custom import fields_of

    kind = by_key(key)
    fields = fields_of(kind)
    title = kind.card.title
    base = f"/{kind.card.name}/"
    cells = []
    for name, index in marks:
        cells.append(_title_cell(base, index) if name == title else _cell(fields[name], index, base))
    tick = (
        '<td class="fz-c"><input class="ck" type="checkbox" name="id" value="{{ r[0] }}" form="bulk"'
        ' aria-label="{{ _("Select %(name)s", name=r[' + str(dict(marks).get(title, 0)) + '] or "#" ~ r[0]) }}"></td>'
    )
    source = (
        '{% for r in rows %}<tr data-row id="row-{{ r[0] }}"{% if r[2] and not bin %} class="gone-row"{% endif %}>'
        + (tick if ticks else "")
        + "".join(cells)
        + "</tr>{% endfor %}"
    )
    return current_app.jinja_env.from_string(source)


def _title_cell(base: str, i: int) -> str:
    return f'<td class="fz"><a class="nm" href="{base}{{{{ r[0] }}}}" data-row-open>{{{{ r[{i}] or "#" ~ r[0] }}}}</a></td>'


def _cell(each: Field, i: int, base: str) -> str:
    """One cell's source: the value's snippet in a ``td`` that says its label on a phone and where it is edited."""
    inner, numeric = _snippet(each, i)
    num = " num" if numeric else ""
    edit = ""
    if each.inline and not each.wide and each.kind != "lines":
        edit = f'{{% if r[0] in x.editable %}} data-cell="{base}{{{{ r[0] }}}}/cell/{each.key}" tabindex="-1"{{% endif %}}'
    label = f' data-label="{{{{ x.labels_of["{each.key}"] }}}}"'
    full = f'<td{" class=" + chr(34) + num.strip() + chr(34) if num else ""}{label}{edit}>{inner}</td>'
    empty = f'<td class="none dim{num}"{edit}>–</td>'
    return f"{{% if r[{i}] is not none %}}{full}{{% else %}}{empty}{{% endif %}}"


def _snippet(each: Field, i: int) -> tuple[str, bool]:
    """(source of the value, whether it is a figure) by kind; ``r[i]`` is known not to be None."""
    v = f"r[{i}]"
    if isinstance(each, Link):
        if each.to == "user":
            return _person(v), False
        target = by_key(each.to).card
        name = f'x.names["{each.to}"].get({v})'
        if not target.pages:
            return f'{{{{ {name} or "–" }}}}', False
        return f'{{% if {name} %}}<a href="/{target.name}/{{{{ {v} }}}}">{{{{ {name} }}}}</a>{{% else %}}–{{% endif %}}', False
    if isinstance(each, AnyLink):
        return f'{{{{ x.names.get(r[{i + 1}], {{}}).get({v}) or "–" }}}}', False
    if each.key == "grade" or each.key.endswith("_grade"):
        return f'<span class="grade grade-{{{{ {v} }}}}">{{{{ {v} }}}}</span>', False
    if isinstance(each, Choices):
        return f'{{% for k in tojsonlist({v}) %}}<span class="lab">{{{{ x.labels["{each.key}"].get(k, k) }}}}</span> {{% endfor %}}', False
    if isinstance(each, Choice):
        return f'{{{{ x.labels["{each.key}"].get({v}, {v}) }}}}', False
    if isinstance(each, Texts):
        tone = "" if each.of != "text" else ' class="lab"'
        return f"{{% for k in tojsonlist({v}) %}}<span{tone}>{{{{ k }}}}</span> {{% endfor %}}", False
    if each.key == "recycle_on":
        return f"{{{{ days_left_cell({v}) }}}}", True
    simple = {
        "money": (f"{{{{ f.amount({v}, r[{i + 2}] or cur) }}}}{{% if r[{i + 2}] and r[{i + 2}] != cur %} {{{{ r[{i + 2}] }}}}{{% endif %}}", True),
        "number": (f"{{{{ f.number({v} / {10 ** getattr(each, 'places', 0)}, {getattr(each, 'places', 0)}) }}}}", True),
        "date": (f"{{{{ f.near_date({v}) }}}}" if each.key.startswith("next_") else f"{{{{ f.date({v}) }}}}", False),
        "moment": (f"{{{{ f.ago({v}) }}}}" if each.key.startswith("last_") else f"{{{{ f.moment({v}) }}}}", False),
        "flag": ('{% if VALUE %}{{ _("yes") }}{% else %}{{ _("no") }}{% endif %}'.replace("VALUE", v), False),
        "phone": (f'<a class="nw" href="tel:{{{{ dialled({v}) }}}}">{{{{ spaced({v}) }}}}</a>', False),
        "email": (f'<a href="mailto:{{{{ {v} }}}}">{{{{ {v} }}}}</a>', False),
        "url": (f'<a href="{{{{ web_address({v}) }}}}" rel="noopener noreferrer" target="_blank">{{{{ {v} }}}}</a>', False),
    }
    return simple.get(each.kind, (f"{{{{ {v} }}}}", False))


def _person(v: str) -> str:
    name = f'x.names["user"].get({v})'
    return (
        f'{{% if {name} %}}<span class="person"><span class="av{{% if {v} == me_id %}} av-me{{% endif %}}" aria-hidden="true">'
        f"{{{{ initials({name}) }}}}</span><span class=\"cut\">{{{{ {name} }}}}</span></span>{{% else %}}–{{% endif %}}"
    )


def numeric(each: Field) -> bool:
    """Whether the field's column stands right."""
    return _snippet(each, 0)[1]


def heading_unit(each: Field) -> str:
    """The unit that stands in a column's head."""
    from smallcrm.base import formats
    from smallcrm.records import settings

    if each.kind == "money":
        return formats.symbol(settings.get("company.currency"), language())
    return ""


def draw(actor: Actor, kind: RecordType, page: Page, columns: Iterable[str], headings: dict[str, str], *, ticks: bool = True, bin: bool = False) -> str:
    """The rows of a page as HTML, safe to mark so."""
    from smallcrm.records import settings

    by_name = {each.key: each for each in page.fields}
    fields = [by_name[name] for name in columns if name in by_name]
    rows, extra = prepare(actor, kind, page, headings)
    return template(kind, fields, page.at, ticks=ticks).render(
        rows=rows, x=extra, me_id=actor.id, cur=settings.get("company.currency"), bin=bin, today=clock.today()
    )

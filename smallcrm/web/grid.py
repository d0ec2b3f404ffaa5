"""The rows of a list: one Jinja template generated for each type and set of columns, from a snippet a field kind, and kept.

A row is a raw tuple; ``at`` says where each field stands in it. No macro is called for a cell, and autoescape stays on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import current_app
from jinja2 import Template
from markupsafe import escape

from smallcrm.base import clock
from smallcrm.base.i18n import language
from smallcrm.identity.actor import Actor
from smallcrm.records import access, present
from smallcrm.records.fields import AnyLink, Choice, Choices, Field, Link
from smallcrm.records.query import Page
from smallcrm.records.record import RecordType, by_key


@dataclass
class Rows:
    """What a generated template needs beside the rows."""

    names: dict[str, dict[int, str | None]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    editable: frozenset[int] = frozenset()


def prepare(actor: Actor, kind: RecordType, page: Page) -> tuple[list[tuple[Any, ...]], Rows]:
    """Rows with masked values hidden, and the names and labels they need."""
    rows = _mask(actor, kind, page)
    found = Rows()
    for each in page.fields:
        at = page.at[each.key]
        if isinstance(each, Link):
            names = access.names(actor, each.to, (row[at] for row in rows))
            found.names.setdefault(each.to, defaultdict(lambda: None)).update(names)
        elif isinstance(each, AnyLink):
            for key in {row[at + 1] for row in rows if row[at]}:
                ids = (row[at] for row in rows if row[at + 1] == key)
                found.names.setdefault(key, defaultdict(lambda: None)).update(access.names(actor, key, ids))
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


def template(
    kind: RecordType, fields: Sequence[Field], at: dict[str, int], headings: dict[str, str], *, ticks: bool
) -> Template:
    """The template of these columns under these headings."""
    marks = tuple((each.key, at[each.key], headings[each.key]) for each in fields)
    return _template(kind.card.key, marks, ticks, tuple(_shape(each) for each in fields))


def _shape(each: Field) -> str:
    """What of a field goes into its snippet, so that a changed custom field is not drawn by an old template."""
    return f"{each.kind}{each.inline}{getattr(each, 'to', '')}{getattr(each, 'of', '')}{getattr(each, 'places', '')}"


@lru_cache(maxsize=256)
def _template(key: str, marks: tuple[tuple[str, int, str], ...], ticks: bool, _shapes: tuple[str, ...]) -> Template:
    from smallcrm.records.custom import fields_of

    kind = by_key(key)
    fields = fields_of(kind)
    title = kind.card.title
    base = f"/{kind.card.name}/"
    places = {name: index for name, index, _ in marks}
    cells = [
        _title_cell(base, index) if name == title else _cell(fields[name], index, label) for name, index, label in marks
    ]
    tick = (
        '<td class="fz-c"><input class="ck" type="checkbox" name="id" value="{{ r[0] }}" form="bulk"'
        ' aria-label="{{ _("Select %(name)s", name=r[@t] or "#" ~ r[0]) }}"></td>'
    ).replace("@t", str(places.get(title, 0)))
    sets = "".join(_filled(SETS.get(_drawn_as(fields[name]), ""), fields[name], index) for name, index, _ in marks)
    source = (
        sets
        + '{% set yes, no = _("yes"), _("no") %}{% for r in rows %}{% set e = r[0] in x.editable %}<tr data-row id="row-{{ r[0] }}" data-base="@b{{ r[0] }}"'
        '{% if r[2] and not bin %} class="gone-row"{% endif %}>'.replace("@b", base)
        + (tick if ticks else "")
        + "".join(cells)
        + "</tr>{% endfor %}"
    )
    return current_app.jinja_env.from_string(source)


# A value's source by kind: @v is the value, @c the column after its own (a currency, a type), @n the field's name, @i its
# place. Filters, because Jinja calls them directly; names and labels are looked up in sets made once before the loop.
SNIPPETS = {
    "text": "{{ @v }}",
    "money": "{{ @v|amount(@c or cur) }}{% if @c and @c != cur %} {{ @c }}{% endif %}",
    "date": "{{ @v|short_date }}",
    "moment": "{{ @v|short_moment }}",
    "flag": "{{ yes if @v else no }}",
    "phone": '<a class="nw" href="tel:{{ @v|dialled }}">{{ @v|spaced }}</a>',
    "email": '<a href="mailto:{{ @v }}">{{ @v }}</a>',
    "url": '<a href="{{ @v|web_address }}" rel="noopener noreferrer" target="_blank">{{ @v }}</a>',
    "choice": "{{ s@i.get(@v, @v) }}",
    "choices": '{% for k in @v|json_list %}<span class="lab">{{ s@i.get(k, k) }}</span> {% endfor %}',
    "texts": '{% for k in @v|json_list %}<span class="lab">{{ k }}</span> {% endfor %}',
    "anylink": '{{ x.names.get(@c, {}).get(@v) or "–" }}',
    "grade": '<span class="grade grade-{{ @v }}">{{ @v }}</span>',
    "ago": "{{ @v|ago }}",
    "near": "{{ @v|near_date }}",
    "days_left": "{{ @v|days_left }}",
    "person": (
        '{% set n = s@i[@v] %}{% if n %}<span class="person"><span class="av{% if @v == me_id %} av-me{% endif %}"'
        ' aria-hidden="true">{{ n|initials }}</span><span class="cut">{{ n }}</span></span>{% else %}–{% endif %}'
    ),
    "link": '{% set n = s@i[@v] %}{% if n %}<a href="/@u/{{ @v }}">{{ n }}</a>{% else %}–{% endif %}',
    "name": '{{ s@i[@v] or "–" }}',
}
SETS = {
    "person": '{% set s@i = x.names["user"] %}',
    "link": '{% set s@i = x.names["@t"] %}',
    "name": '{% set s@i = x.names["@t"] %}',
    "choice": '{% set s@i = x.labels["@n"] %}',
    "choices": '{% set s@i = x.labels["@n"] %}',
}
FIGURES = frozenset({"money", "number", "days_left"})


def _drawn_as(each: Field) -> str:
    """Which snippet draws a field."""
    if isinstance(each, Link):
        return "person" if each.to == "user" else "link" if by_key(each.to).card.pages else "name"
    if each.key == "grade" or each.key.startswith("grade_"):
        return "grade"
    if each.key == "recycle_on":
        return "days_left"
    if each.kind == "moment" and each.key.startswith("last_"):
        return "ago"
    if each.kind == "date" and each.key.startswith("next_"):
        return "near"
    return each.kind if each.kind in SNIPPETS or each.kind == "number" else "text"


def _filled(source: str, each: Field, i: int) -> str:
    """A snippet with its marks filled for a field whose value stands at ``i`` in the row."""
    beside = i + 2 if each.kind == "money" else i + 1
    source = source.replace("@v", f"r[{i}]").replace("@c", f"r[{beside}]").replace("@n", each.key).replace("@i", str(i))
    if isinstance(each, Link):
        source = source.replace("@t", each.to).replace("@u", by_key(each.to).card.name)
    return source


def _source(each: Field, i: int) -> str:
    """The source of a field's value that stands at ``i`` in the row and is known not to be None."""
    drawn = _drawn_as(each)
    if drawn == "number":
        places = getattr(each, "places", 0)
        return f"{{{{ (r[{i}] / {10**places})|number({places}) }}}}" if places else f"{{{{ r[{i}]|number }}}}"
    return _filled(SNIPPETS[drawn], each, i)


def _title_cell(base: str, i: int) -> str:
    source = '<td class="fz"><a class="nm" href="@b{{ r[0] }}" data-row-open>{{ r[@i] or "#" ~ r[0] }}</a></td>'
    return source.replace("@b", base).replace("@i", str(i))


def _cell(each: Field, i: int, label: str) -> str:
    """One cell: the value in a ``td`` that says its label on a phone and, with ``data-cell``, that it is edited there.

    The editor's address follows from the row's ``data-base``, which keeps fifty rows small.
    """
    kind = ' class="num"' if numeric(each) else ""
    none = "none dim num" if numeric(each) else "none dim"
    edit = ""
    if each.inline and not each.wide and each.kind != "lines":
        edit = '{% if e %} data-cell="@n"{% endif %}'
    source = '{% if r[@i] is not none %}<td@k data-label="@l"@e>@s</td>{% else %}<td class="@0"@e>–</td>{% endif %}'
    words = str(escape(label)).replace("{", "&#123;").replace("@", "&#64;")
    source = source.replace("@k", kind).replace("@0", none).replace("@s", _source(each, i)).replace("@e", edit)
    return source.replace("@i", str(i)).replace("@n", each.key).replace("@l", words)


def numeric(each: Field) -> bool:
    """Whether the field's column stands right."""
    return _drawn_as(each) in FIGURES


def heading_unit(each: Field) -> str:
    """The unit that stands in a column's head."""
    from smallcrm.base import formats
    from smallcrm.records import settings

    if each.kind == "money":
        return formats.symbol(settings.get("company.currency"), language())
    return ""


def draw(
    actor: Actor,
    kind: RecordType,
    page: Page,
    columns: Iterable[str],
    headings: dict[str, str],
    *,
    ticks: bool = True,
    bin: bool = False,
) -> str:
    """The rows of a page as HTML, safe to mark so."""
    from smallcrm.records import settings

    by_name = {each.key: each for each in page.fields}
    fields = [by_name[name] for name in columns if name in by_name]
    rows, extra = prepare(actor, kind, page)
    return template(kind, fields, page.at, headings, ticks=ticks).render(
        rows=rows, x=extra, me_id=actor.id, cur=settings.get("company.currency"), bin=bin, today=clock.today()
    )

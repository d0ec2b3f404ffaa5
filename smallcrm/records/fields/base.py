"""What every kind of field can do, and the flags a declaration sets.

A field's value has one form in memory, which is the one that is stored: ISO text for dates and moments, integer minor
units for money, an id for a link, a list for lists. Other forms exist only at the doors: ``clean`` takes what the API
or a rule gives, ``read`` what a person typed, ``show`` writes for people, ``api`` for programs, ``cell`` for Excel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import peewee

from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import SYSTEM, Actor

Values = Mapping[str, Any]

NOTHING = ("is_empty", "not_empty")


class FieldError(ValueError):
    """A value that this field cannot keep. The message is for the person who typed it."""


@dataclass
class Cleaning:
    """What a field may need to know while it cleans: the rest of the record and who is acting."""

    actor: Actor = SYSTEM
    values: Mapping[str, Any] = field(default_factory=dict)
    trusted: bool = False  # a rule or a job: link targets were looked up already


@dataclass
class Reading:
    """What a field may need to show a value: how names of linked records are found within reach."""

    actor: Actor = SYSTEM
    name_of: Callable[[str, int], str | None] = lambda _type, _id: None
    masked: frozenset[str] = frozenset()


class Field(peewee.Field):
    """Base of all kinds.

    Flags: ``required`` · ``search`` (title, text or guarded: where its words go) · ``match`` (the kind of key by which two records
    are the same) · ``sort``/``filter`` (gets an index that carries the scope) · ``column`` (in the list by default) · ``section`` of the
    form · ``personal`` (belongs to a person: export, erasure) · ``masked`` (the group under which a pool hides it until claimed) ·
    ``read_only`` (rules write it) · ``derived`` (only ``records/derive`` writes it; no version, no history) · ``unique``
    among live records · ``aliases`` (headers people use) · ``group`` (shown beside each other) · ``present`` (says whether this
    company has the field at all).
    """

    kind: ClassVar[str] = "text"
    field_type = "TEXT"
    operators: ClassVar[tuple[str, ...]] = ("eq", "ne", "in", "not_in", *NOTHING)
    numeric: ClassVar[bool] = False
    is_list: ClassVar[bool] = False

    def __init__(
        self,
        label: Label,
        *,
        help: Label = "",
        required: bool = False,
        default: Any = None,
        search: str = "",
        match: str = "",
        sort: bool = False,
        filter: bool = False,
        column: bool = False,
        section: str = "main",
        personal: bool = False,
        masked: str = "",
        read_only: bool = False,
        derived: bool = False,
        unique: bool = False,
        aliases: Sequence[str] = (),
        hidden: bool = False,
        export: bool = True,
        inline: bool = True,
        wide: bool = False,
        present: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__(null=True)
        self.label = label
        self.help = help
        self.required = required
        self.default_value = default
        self.search = search
        self.match = match
        self.sort = sort
        self.filter = filter or sort
        self.column_shown = column
        self.section = section
        self.personal = personal
        self.masked = masked
        self.read_only = read_only or derived
        self.derived = derived
        self.unique_live = unique
        self.aliases = tuple(aliases)
        self.hidden_always = hidden
        self.exported = export and not hidden
        self.inline = inline and not self.read_only
        self.wide = wide
        self.present = present
        self.custom = False

    # -- identity: peewee turns == into SQL, so fields are told apart by name
    @property
    def key(self) -> str:
        """The name by which forms, filters, files and the API know this field."""
        return str(self.name)

    columns: tuple[str, ...] = ()  # the columns this field fills; the first one holds its value

    def _columns(self) -> tuple[str, ...]:
        return (str(self.column_name),)

    def bind(self, model: Any, name: str, set_attribute: bool = True) -> None:
        super().bind(model, name, set_attribute)
        self.columns = self._columns()

    def unbound(self, key: str) -> Self:
        """Make this a custom field: it lives in the ``custom`` column under ``key``."""
        self.name = self.column_name = key
        self.custom = True
        self.columns = self._columns()
        return self

    def expr(self, alias: str = "t", part: str = "") -> str:
        """The SQL that reads this field (``part``: a suffix for a second column such as ``_base``)."""
        if self.custom:
            return f"json_extract({alias}.custom, '$.{self.key}{part}')"
        return f'{alias}."{self.column_name}{part}"'

    def sort_expr(self, alias: str = "t") -> str:
        """The SQL that lists sort by."""
        return self.expr(alias)

    # -- doors in
    def clean(self, value: Any, context: Cleaning) -> Any:
        """The stored form of ``value`` (from the API, a rule or ``read``). Raises FieldError. None is empty."""
        raise NotImplementedError

    def read(self, text: str, context: Cleaning) -> Any:
        """What a person typed, as something ``clean`` takes. Raises FieldError."""
        return text

    def fill(self, value: Any, context: Cleaning) -> dict[str, Any]:
        """Every column this field fills, from an uncleaned value."""
        return {self.columns[0]: None if self.blank(value) else self.clean(value, context)}

    def blank(self, value: Any) -> bool:
        """Whether ``value`` means nothing."""
        return value is None or value in ("", [], {})

    # -- doors out
    def show(self, value: Any, values: Values, reading: Reading) -> str:
        """For people, in their language; empty for nothing."""
        return "" if value is None else str(value)

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        """As text in an input."""
        return "" if value is None else str(value)

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        """As JSON."""
        return value

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        """As an Excel cell: str, int, float, Decimal, date, naive datetime in the business zone, bool or None."""
        return self.show(value, values, reading) or None

    def schema(self) -> dict[str, Any]:
        """JSON Schema of ``api``'s result."""
        return {"type": ["string", "null"]}

    def write_schema(self) -> dict[str, Any]:
        """JSON Schema of what ``clean`` takes."""
        return self.schema()

    # -- storage
    def to_sql(self, value: Any) -> Any:
        """The value as SQLite binds it."""
        return value

    def from_sql(self, value: Any) -> Any:
        """The value as it is in memory."""
        return value

    def db_value(self, value: Any) -> Any:
        return self.to_sql(value)

    def python_value(self, value: Any) -> Any:
        return self.from_sql(value)

    # -- search and sameness
    def words(self, value: Any) -> str:
        """The words under which this value is found."""
        return ""

    def match_keys(self, value: Any, values: Values) -> list[str]:
        """Normalised forms by which the same value is recognised elsewhere."""
        return []

    # -- filters
    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        """SQL and bound values for one comparison. Raises FieldError for a value that makes no sense."""
        from smallcrm.records.fields import operators

        return operators.simple(self, op, value, alias, actor)

    def operand(self, value: Any, actor: Actor) -> Any:
        """A filter's value in stored form."""
        try:
            return self.clean(value, Cleaning(actor=actor, trusted=True))
        except FieldError:
            raise
        except (TypeError, ValueError, OverflowError):
            raise FieldError(str(L("This value does not fit."))) from None

    def filter_expr(self, alias: str) -> str:
        """The SQL a filter compares."""
        return self.expr(alias)


def need_text(value: Any) -> str:
    """``value`` as text. Raises FieldError for anything that is not text or a number, and for halves of characters."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise FieldError(str(L("This holds characters that cannot be kept."))) from None
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise FieldError(str(L("This must be text.")))

"""The kinds of field a record can have, a file a kind. A declaration is inert; capabilities read it."""

from smallcrm.records.fields.anylink import AnyLink
from smallcrm.records.fields.base import Cleaning, Field, FieldError, Reading
from smallcrm.records.fields.choice import Choice, Choices
from smallcrm.records.fields.date import Date
from smallcrm.records.fields.email import Email
from smallcrm.records.fields.flag import Flag
from smallcrm.records.fields.lines import Lines
from smallcrm.records.fields.link import Link
from smallcrm.records.fields.links import Links
from smallcrm.records.fields.moment import Moment
from smallcrm.records.fields.money import Money
from smallcrm.records.fields.number import Number
from smallcrm.records.fields.numbers import Numbers
from smallcrm.records.fields.phone import Phone
from smallcrm.records.fields.rate import Rate
from smallcrm.records.fields.size import Size
from smallcrm.records.fields.text import LongText, Text, Url
from smallcrm.records.fields.texts import Texts

__all__ = [
    "AnyLink",
    "Choice",
    "Choices",
    "Cleaning",
    "Date",
    "Email",
    "Field",
    "FieldError",
    "Flag",
    "Lines",
    "Link",
    "Links",
    "LongText",
    "Moment",
    "Money",
    "Number",
    "Numbers",
    "Phone",
    "Rate",
    "Reading",
    "Size",
    "Text",
    "Texts",
    "Url",
]

"""A phone number, kept as typed, recognised by its digits with the country's code."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from smallcrm.base.i18n import L
from smallcrm.base.text import fold, index_digits, only_digits, tidy
from smallcrm.records.fields.base import Cleaning, FieldError, Reading, Values, need_text
from smallcrm.records.fields.text import Text

company_country: Callable[[], str] = lambda: "GB"  # set by records/settings
_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d)(\d{4})(\d{4})")


def clean_number(value: Any) -> str:
    """One number: 5 to 15 digits, anything may stand between them. Raises FieldError."""
    try:
        text = tidy(need_text(value))
    except FieldError:
        raise
    except ValueError:
        raise FieldError(str(L("This is no phone number."))) from None
    extension = re.split(r"(?i)\s*(?:ext\.?|x|#|转|εσωτ\.?)\s*", text, maxsplit=1)[0]
    count = len(only_digits(extension))
    if not 5 <= count <= 15 or len(text) > 60:
        raise FieldError(str(L("A phone number has 5 to 15 digits; “%(text)s” has %(n)s.", text=text[:40], n=count)))
    return text


@lru_cache(maxsize=512)
def region_of(country: str) -> str:
    """The ISO code of a country written by code or by name in one of our languages; empty where it is unknown."""
    from babel import Locale

    wanted = fold(country)
    if len(wanted) == 2 and wanted.isascii():
        return wanted.upper()
    for code in ("en", "zh", "el"):
        for region, name in Locale.parse(code).territories.items():
            if len(region) == 2 and fold(name) == wanted:
                return str(region)
    return {"usa": "US", "uk": "GB", "england": "GB", "prc": "CN", "hellas": "GR", "中国大陆": "CN"}.get(wanted, "")


@lru_cache(maxsize=256)
def _dialling(country: str) -> tuple[str, str]:
    """(country code, trunk prefix) of an ISO country: ("44", "0")."""
    from phonenumbers import PhoneMetadata, country_code_for_region

    code = country_code_for_region(country)
    meta = PhoneMetadata.metadata_for_region(country, None)
    return (str(code) if code else "", (meta.national_prefix or "") if meta else "")


@lru_cache(maxsize=16384)
def phone_key(number: str, country: str | None = None) -> str:
    """The digits of ``number`` with its country's code: one key however it was typed. Empty when too short."""
    main = re.split(r"(?i)\s*(?:ext\.?|x|#|转|εσωτ\.?)\s*", number, maxsplit=1)[0]
    digits = only_digits(main.replace("(0)", ""))
    if len(digits) < 5:
        return ""
    if "+" in main:
        return digits
    if digits.startswith("00"):
        return digits[2:]
    code, trunk = _dialling((region_of(country) if country else "") or company_country())
    if code and len(digits) > 10 and digits.startswith(code) and not (trunk and digits.startswith(trunk)):
        return digits
    national = digits.removeprefix(trunk) if trunk and digits.startswith(trunk) else digits
    return code + national


# country code → (how its common numbers begin, how many digits they have), where the library is content with fewer
_WHOLE = {86: ("1[3-9]", 11), 30: ("[26]", 10)}


@lru_cache(maxsize=4096)
def implausible(number: str, country: str | None = None) -> bool:
    """Whether ``number`` has too few or too many digits for where it is; never said of what cannot be judged."""
    from phonenumbers import NumberParseException, ValidationResult, is_possible_number_with_reason, parse

    main = re.split(r"(?i)\s*(?:ext\.?|x|#|转|εσωτ\.?)\s*", number, maxsplit=1)[0]
    region = (region_of(country) if country else "") or company_country()
    try:
        parsed = parse(main, region)
    except NumberParseException:
        return True
    begins, length = _WHOLE.get(parsed.country_code or 0, ("", 0))
    national = str(parsed.national_number)
    if begins and 6 < len(national) != length and re.match(begins, national):
        return True
    possible = (
        ValidationResult.IS_POSSIBLE,
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
        ValidationResult.INVALID_COUNTRY_CODE,
    )
    return is_possible_number_with_reason(parsed) not in possible


def spaced(number: str) -> str:
    """How a number is shown: a Chinese mobile as 138 0013 8000, any other as it was typed."""
    found = _CHINESE_MOBILE.fullmatch(re.sub(r"[\s-]", "", number))
    return " ".join(found.groups()) if found else number


def masked(number: str) -> str:
    """What a pool member sees until the customer is claimed: ``138····5521``."""
    shown = [i for i, c in enumerate(number) if c.isdigit()]
    hide = set(shown[3:-4] if len(shown) > 8 else shown[2:-2] if len(shown) > 5 else shown)
    text = "".join("•" if i in hide else c for i, c in enumerate(number))
    return re.sub(r"•[\s•-]*•", "••••", text)


class Phone(Text):
    """The primary number."""

    kind = "phone"

    def __init__(self, label: Any, **flags: Any) -> None:
        super().__init__(label, most=60, **flags)

    def clean(self, value: Any, context: Cleaning) -> str | None:
        return clean_number(value)

    def fill(self, value: Any, context: Cleaning) -> dict[str, Any]:
        number = None if self.blank(value) else self.clean(value, context)
        filled: dict[str, Any] = {self.columns[0]: number}
        if self.keyed:
            filled[self.columns[1]] = phone_key(number, context.values.get("country")) if number else None
        return filled

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return spaced(value) if value else ""

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        return value or None

    def words(self, value: Any) -> str:
        return index_digits(value, phone_key(value)) if value else ""

    def match_keys(self, value: Any, values: Values) -> list[str]:
        key = phone_key(value, values.get("country")) if value else ""
        return [key] if key else []

    def operand(self, value: Any, actor: Any) -> str:
        text = need_text(value)
        return phone_key(text) or only_digits(text)

    def filter_expr(self, alias: str) -> str:
        return self.expr(alias, "_key") if self.keyed else f"phone_key({self.expr(alias)})"

    def condition(self, op: str, value: Any, alias: str, actor: Any) -> tuple[str, list[Any]]:
        if op in ("contains", "starts_with"):
            digits = only_digits(need_text(value))
            if not digits:
                raise FieldError(str(L("A phone number has digits.")))
            column = self.filter_expr(alias)
            if op == "contains":
                return f"instr({column}, ?) > 0", [digits.lstrip("0") or digits]
            return f"({column} LIKE ? OR {column} LIKE ?)", [f"{digits}%", f"{self.operand(value, actor)}%"]
        return super().condition(op, value, alias, actor)

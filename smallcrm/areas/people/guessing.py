"""Where a fresh installation probably stands: country, currency and time zone from what the browser and server say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

# The zone most people of a country with several live in.
_USUAL = {
    "AR": "America/Argentina/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto",
    "CL": "America/Santiago", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia", "DE": "Europe/Berlin", "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta", "KZ": "Asia/Almaty", "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """What is proposed, each to be changed."""

    country: str
    currency: str
    timezone: str


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    """Zone → country."""
    from babel.core import get_global

    found: Any = get_global("zone_territories")
    return {zone: country for zone, country in found.items() if country.isalpha() and country != "ZZ" and "/" in zone}


def of_zone(zone: str) -> Guess:
    """The country that keeps this time."""
    country = _countries().get(zone, "")
    return Guess(country, currency_of(country), zone)


def of_browser(accept_language: str) -> Guess:
    """From Accept-Language, then from the clock of the machine this runs on."""
    here = server_zone()
    country = _country_wished(accept_language) or _countries().get(here, "")
    zone = here if _countries().get(here) == country or not country else zone_of(country)
    return Guess(country, currency_of(country), zone or "UTC")


def _country_wished(accept_language: str) -> str:
    from babel.core import get_global

    likely: Any = get_global("likely_subtags")
    for part in accept_language.split(",")[:5]:
        tags = part.partition(";")[0].strip().replace("_", "-").split("-")
        regions = [tag.upper() for tag in tags[1:] if len(tag) == 2 and tag.isalpha()]
        if regions:
            return regions[0]
        # "en" alone is everybody's second language and says nothing of where one is
        if tags[0].lower() not in ("en", "", "*"):
            return str(likely.get(tags[0].lower(), "__")).rpartition("_")[2]
    return ""


def zone_of(country: str) -> str:
    """The zone most of a country lives in; empty where there is none."""
    usual = _USUAL.get(country)
    return usual or next((zone for zone, its in _countries().items() if its == country), "")


def currency_of(country: str) -> str:
    """What one pays with there; empty where nobody knows."""
    if not country:
        return ""
    from babel.numbers import get_territory_currencies

    found = get_territory_currencies(country)
    return str(found[-1]) if found else ""


def server_zone() -> str:
    """The zone of the machine's own clock; empty where it does not say."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if "/" in named and not named.startswith("/"):
        return named
    try:
        target = str(Path("/etc/localtime").resolve())
    except OSError:
        return ""
    name = target.partition("zoneinfo/")[2].removeprefix("posix/")
    return name if "/" in name else ""

"""Links that open a place on a map. Points are WGS-84; what a map of another system needs is said in its link."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from smallcrm.areas.visits.rules.distance import Point
from smallcrm.base.i18n import L, Label


@dataclass(frozen=True)
class MapLink:
    """One map: what it is called, its address, and what to know about it."""

    key: str
    label: Label
    url: str
    note: Label = ""


def links(name: str, point: Point | None, address: str) -> list[MapLink]:
    """Every map on which the place can be opened: by its point, else by its address; none without either."""
    if point is not None:
        return _by_point(name, f"{point[0]:.6f}", f"{point[1]:.6f}")
    return _by_address(address) if address.strip() else []


def _by_point(name: str, lat: str, lon: str) -> list[MapLink]:
    amap = {"position": f"{lon},{lat}", "name": name, "src": "smallcrm", "coordinate": "wgs84", "callnative": "1"}
    google = {"api": "1", "destination": f"{lat},{lon}"}
    return [
        MapLink("geo", L("This device's map"), f"geo:{lat},{lon}?q={lat},{lon}({quote(name)})"),
        MapLink("osm", L("OpenStreetMap"), f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"),
        MapLink("google", L("Google Maps"), f"https://www.google.com/maps/dir/?{urlencode(google)}",
                L("In mainland China its map is shifted by some hundred metres.")),
        MapLink("amap", L("Amap (高德)"), f"https://uri.amap.com/marker?{urlencode(amap)}",
                L("The link says that the point is WGS-84; Amap moves it onto its own map (GCJ-02).")),
    ]  # fmt: skip


def _by_address(address: str) -> list[MapLink]:
    return [
        MapLink("geo", L("This device's map"), f"geo:0,0?q={quote(address)}"),
        MapLink("osm", L("OpenStreetMap"), f"https://www.openstreetmap.org/search?{urlencode({'query': address})}"),
        MapLink("google", L("Google Maps"), f"https://www.google.com/maps/search/?{urlencode({'api': '1', 'query': address})}"),
        MapLink("amap", L("Amap (高德)"), f"https://uri.amap.com/search?{urlencode({'keyword': address, 'src': 'smallcrm'})}"),
    ]  # fmt: skip

"""Where customers are: their point as far as somebody may know it, and as the check of a check-in needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.visits.rules.distance import Point
from smallcrm.areas.visits.rules.positions import MICRO
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, rows, settings

_PARTS = ("address", "postcode", "city", "region", "country")


@dataclass(frozen=True)
class Place:
    """A customer to be visited, as far as the reader may see it."""

    id: int
    name: str
    phone: str = ""
    address: str = ""
    point: Point | None = None


def places(actor: Actor, customers: Iterable[int | None]) -> dict[int, Place]:
    """Customer → where it is, within reach; what is hidden or masked stays out."""
    wanted = {each for each in customers if each}
    if not wanted:
        return {}
    where, params = access.reach(actor, Customer).where()
    columns = ("id", "name", "phone", "pool", "latitude", "longitude", *_PARTS)
    readable, pools = access.readable(actor, Customer), access.masked_pools(actor, Customer)
    found = {}
    for number, held in rows.load(Customer, wanted, where, params, only=columns).items():
        hidden = access.masked_in(Customer, pools.get(held["pool"] or 0))
        shown = {n: held[n] for n in columns if held[n] is not None and n in readable and n not in hidden}
        address = ", ".join(str(shown[name]) for name in _PARTS[:3] if shown.get(name))
        found[number] = Place(
            number, str(held["name"] or f"#{number}"), str(shown.get("phone") or ""),
            address, point_of(shown.get("latitude"), shown.get("longitude")),
        )  # fmt: skip
    return found


def point_of(latitude: int | None, longitude: int | None) -> Point | None:
    """Two stored columns as a point."""
    return (latitude / MICRO, longitude / MICRO) if latitude is not None and longitude is not None else None


def true_point(customer: int) -> Point | None:
    """The customer's point, whoever asks: a check-in is measured against it, nobody is shown it."""
    held = rows.load(Customer, [customer], only=("id", "latitude", "longitude")).get(customer)
    return point_of(held["latitude"], held["longitude"]) if held else None


def may_set(actor: Actor, customer: int | None) -> bool:
    """Whether this visitor's check-in may set the customer's point: it has none, the setting allows it, so do their rights."""
    if not customer or not settings.get("visits.first_sets_point") or true_point(customer) is not None:
        return False
    writable = access.writable(actor, Customer)
    return {"latitude", "longitude"} <= set(writable) and bool(access.within(actor, Customer, [customer], "edit"))


def set_point(actor: Actor, customer: int, point: Point) -> None:
    """Make this the customer's point. Raises Forbidden, NotFound."""
    record = access.find(actor, Customer, customer)
    change.update(actor, record, {"latitude": f"{point[0]:.6f}", "longitude": f"{point[1]:.6f}"})

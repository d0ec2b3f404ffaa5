"""Who is related to whom around a customer or contact: the nodes and edges of a small picture."""

from __future__ import annotations

from dataclasses import dataclass

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.customers.records.relation import BOTH_WAYS, WORDS
from smallcrm.areas.customers.rules.relations import End, contacts_of, names_of, touching
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records.record import Record, title

MOST = 60


@dataclass(frozen=True)
class Node:
    """Somebody. ``ring`` is how many steps away from the one looked at."""

    end: End
    name: str
    ring: int

    @property
    def url(self) -> str:
        """Their page."""
        return f"/{self.end[0]}s/{self.end[1]}"


@dataclass(frozen=True)
class Edge:
    """One relation, or that somebody is a contact there (``kind`` empty)."""

    source: End
    target: End
    kind: str
    words: str

    @property
    def directed(self) -> bool:
        """Whether it points somewhere."""
        return bool(self.kind) and self.kind not in BOTH_WAYS


@dataclass(frozen=True)
class Graph:
    """What is drawn. ``left_out`` counts those that found no place."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int = 0


def around(actor: Actor, record: Record, steps: int = 2) -> Graph:
    """The ego graph within reach, at most ``MOST`` nodes; a customer's contacts hang on it where they are related."""
    start = (record.card.key, int(record.id))
    if actor.scope("relation", "view") is Scope.NONE:
        return Graph((Node(start, title(record), 0),), ())
    rings: dict[End, int] = {start: 0}
    edges: dict[tuple[End, End, str], Edge] = {}
    members = contacts_of(actor, int(record.id)) if isinstance(record, Customer) else []
    edge = {start, *members}
    for step in range(1, steps + 1):
        found = touching(edge)
        edge = set()
        for _, kind, source_type, source, target_type, target, *_ in found:
            ends = ((source_type, source), (target_type, target))
            edges[(*ends, kind)] = Edge(*ends, kind, str(WORDS[kind][0]))
            for end in ends:
                if end not in rings:
                    rings[end] = 1 if end in members else step
                    edge.add(end)
    for end in members:
        if end in rings:
            edges[end, start, ""] = Edge(end, start, "", "")
    return _cut(actor, record, rings, list(edges.values()))


def _cut(actor: Actor, record: Record, rings: dict[End, int], edges: list[Edge]) -> Graph:
    start = (record.card.key, int(record.id))
    names = {**names_of(actor, rings), start: title(record)}
    ordered = sorted((end for end in rings if end in names), key=lambda end: (rings[end], names[end]))
    kept = ordered[:MOST]
    nodes = tuple(Node(end, names[end], rings[end]) for end in kept)
    shown = tuple(each for each in edges if each.source in kept and each.target in kept)
    joined = {start} | {end for each in shown for end in (each.source, each.target)}
    return Graph(tuple(n for n in nodes if n.end in joined), shown, len(ordered) - len(kept))

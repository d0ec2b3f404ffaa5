"""Where the nodes and edges of a relations' picture lie: rings around the one looked at, drawn as SVG by the server."""

from __future__ import annotations

import math
from dataclasses import dataclass

from smallcrm.areas.customers.rules.graph import Edge, Graph, Node

WIDTH, HEIGHT = 720, 460
LETTERS = 16  # of a name, in Latin letters; a Han character counts for two
MANY_EDGES = 14  # from here on the words stand in the tooltips only


@dataclass(frozen=True)
class Spot:
    """A node's place. ``side``: where its name begins (start, middle, end)."""

    node: Node
    x: float
    y: float
    r: int
    label: str
    label_x: float
    label_y: float
    side: str


@dataclass(frozen=True)
class Line:
    """An edge's ends, cut at the circles, and the place of its words."""

    edge: Edge
    x1: float
    y1: float
    x2: float
    y2: float
    x: float
    y: float
    label: str
    title: str


@dataclass(frozen=True)
class Picture:
    """Everything drawn, in a box of ``width`` × ``height``."""

    spots: list[Spot]
    lines: list[Line]
    width: int = WIDTH
    height: int = HEIGHT


def draw(graph: Graph) -> Picture:
    """Lay a graph out: the first node in the middle, each ring around it, children near whoever leads to them."""
    places: dict[tuple[str, int], tuple[float, float]] = {}
    spots: list[Spot] = []
    angles: dict[tuple[str, int], float] = {}
    rings = sorted({node.ring for node in graph.nodes})
    for ring in rings:
        nodes = [node for node in graph.nodes if node.ring == ring]
        nodes.sort(key=lambda node: (_pull(node, graph.edges, angles), node.end[0], node.name))
        for place, node in enumerate(nodes):
            slots = len(nodes) | 1  # odd: no two face each other, so no line runs through the middle
            angle = math.tau * (place + (0.5 if ring > 1 else 0)) / slots - math.pi / 2
            angles[node.end] = angle
            reach = 0 if ring == 0 else (0.56 if ring == 1 and len(rings) > 2 else 0.92)
            x = WIDTH / 2 + reach * (WIDTH / 2 - 110) * math.cos(angle)
            y = HEIGHT / 2 + reach * (HEIGHT / 2 - 34) * math.sin(angle)
            places[node.end] = (x, y)
            spots.append(_spot(node, x, y, angle))
    names = {node.end: node.name for node in graph.nodes}
    few = sum(1 for edge in graph.edges if edge.kind) <= MANY_EDGES
    middle = next(iter(places), None)
    lines = [
        _line(edge, places, names, say=few, at=0.5 if middle in (edge.source, edge.target) else 0.36)
        for edge in graph.edges
    ]
    return Picture(spots, lines)


def _pull(node: Node, edges: tuple[Edge, ...], angles: dict[tuple[str, int], float]) -> float:
    """The direction from which a node is reached: the mean of those it is tied to."""
    tied = [
        angles[other]
        for edge in edges
        for mine, other in ((edge.source, edge.target), (edge.target, edge.source))
        if mine == node.end and other in angles
    ]
    return sum(tied) / len(tied) if tied else math.pi


def _spot(node: Node, x: float, y: float, angle: float) -> Spot:
    r = 16 if node.ring == 0 else 10
    if node.ring == 0 or abs(math.cos(angle)) < 0.35:
        below = node.ring == 0 or math.sin(angle) > 0
        return Spot(
            node, _near(x), _near(y), r, short(node.name), _near(x), _near(y + r + 14 if below else y - r - 6), "middle"
        )
    right = math.cos(angle) > 0
    return Spot(
        node, _near(x), _near(y), r, short(node.name), _near(x + (r + 5 if right else -r - 5)), _near(y + 4),
        "start" if right else "end",
    )  # fmt: skip


def _line(
    edge: Edge,
    places: dict[tuple[str, int], tuple[float, float]],
    names: dict[tuple[str, int], str],
    *,
    say: bool,
    at: float,
) -> Line:
    """``at``: how far along its words stand; off the half way, lines that pass the middle keep clear of its name."""
    (ax, ay), (bx, by) = places[edge.source], places[edge.target]
    length = math.hypot(bx - ax, by - ay) or 1
    ux, uy = (bx - ax) / length, (by - ay) / length
    title = f"{names[edge.source]} – {edge.words} – {names[edge.target]}" if edge.words else ""
    return Line(
        edge, _near(ax + ux * 16), _near(ay + uy * 16), _near(bx - ux * 19), _near(by - uy * 19),
        _near(ax + (bx - ax) * at), _near(ay + (by - ay) * at - 3), edge.words if say else "", title,
    )  # fmt: skip


def _near(value: float) -> float:
    return round(value, 1)


def short(name: str) -> str:
    """A name cut to what the picture has room for."""
    taken = 0
    for place, char in enumerate(name):
        taken += 2 if ord(char) > 0x2E80 else 1
        if taken > LETTERS:
            return name[: max(1, place - 1)].rstrip() + "…"
    return name

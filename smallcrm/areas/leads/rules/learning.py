"""A learned chance to convert: logistic regression over one's own closed leads, in plain Python.

Features are what is known of a lead on the day it arrives, nothing that only later shows: what each field says (one column a
value that occurs often enough) and which ways there are to reach somebody. It is tried on closed leads that it has not seen: a
quarter after the other is kept aside. Where it tells no more than the share that converts anyway, it is not shown.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.leads.records import Lead
from smallcrm.base import clock
from smallcrm.base.text import fold
from smallcrm.records import cache, rows

LEAST = 50  # closed leads
LEAST_EACH = 8  # of either outcome
MOST = 2000  # the newest are learned from
OFTEN = 5  # leads with a value, for it to have a column of its own
MOST_COLUMNS = 60
PARTS = 4  # each kept aside once
RIDGE = 8.0
ROUNDS = 25
BETTER = 0.55  # the area under the curve from which on it is shown

WORDS = ("source", "campaign", "industry", "country", "region", "language", "interest", "grade", "form")
THERE = ("phone", "mobile", "email", "wechat", "website", "company", "title", "notes", "budget")

Row = dict[int, float]  # column → value, those that are not 0


@dataclass(frozen=True)
class Model:
    """What was learned. ``columns``: (field, value; empty for "is filled"). Weights are those of centred columns."""

    n: int
    converted: int
    columns: tuple[tuple[str, str], ...] = ()
    means: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    bias: float = 0.0
    tested: int = 0
    auc: float | None = None
    loss: float | None = None
    base_loss: float | None = None

    @property
    def shown(self) -> bool:
        """Whether it tells more than the share that converts anyway."""
        if self.auc is None or self.loss is None or self.base_loss is None:
            return False
        return self.auc >= BETTER and self.loss < self.base_loss


def sigmoid(z: float) -> float:
    """1 / (1 + e^-z), without overflow."""
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    grown = math.exp(z)
    return grown / (1 + grown)


# ---------------------------------------------------------------- features


def said(lead: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a lead says, as (field, value)."""
    found = [(name, fold(str(lead[name]))[:80]) for name in WORDS if lead.get(name)]
    return found + [(name, "") for name in THERE if lead.get(name)]


def _columns(leads: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    counted = Counter(each for lead in leads for each in said(lead))
    often = [(each, n) for each, n in counted.items() if OFTEN <= n <= len(leads) - OFTEN]
    return tuple(sorted(each for each, _ in sorted(often, key=lambda pair: (-pair[1], pair[0]))[:MOST_COLUMNS]))


def _rows(leads: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, str]]) -> list[Row]:
    place = {column: n for n, column in enumerate(columns)}
    return [{place[each]: 1.0 for each in said(lead) if each in place} for lead in leads]


# ---------------------------------------------------------------- fitting


def _fit(
    plain: Sequence[Row], outcomes: Sequence[int], width: int
) -> tuple[list[float], list[float], list[float], float]:
    """(means, scales, weights, bias) by Newton's method on standardised columns, the weights held small (L2)."""
    n = len(plain)
    means = [0.0] * width
    for row in plain:
        for j, x in row.items():
            means[j] += x / n
    scales = [math.sqrt(max(m * (1 - m), 1e-6)) for m in means]
    dense = [[(row.get(j, 0.0) - means[j]) / scales[j] for j in range(width)] + [1.0] for row in plain]
    share = min(max(sum(outcomes) / n, 1e-6), 1 - 1e-6)
    beta = [0.0] * width + [math.log(share / (1 - share))]
    for _ in range(ROUNDS):
        step = _step(dense, outcomes, beta)
        beta = [b - s for b, s in zip(beta, step, strict=True)]
        if max(map(abs, step)) < 1e-8:
            break
    return means, scales, beta[:-1], beta[-1]


def _step(dense: Sequence[Sequence[float]], outcomes: Sequence[int], beta: Sequence[float]) -> list[float]:
    size = len(beta)
    gradient = [RIDGE * b for b in beta[:-1]] + [0.0]
    hessian = [[0.0] * size for _ in range(size)]
    for row, outcome in zip(dense, outcomes, strict=True):
        p = sigmoid(sum(map(_times, row, beta)))
        off, weight = p - outcome, max(p * (1 - p), 1e-6)
        for j, x in enumerate(row):
            gradient[j] += off * x
            wx, line = weight * x, hessian[j]
            for k in range(j + 1):
                line[k] += wx * row[k]
    for j in range(size):
        hessian[j][j] += RIDGE if j < size - 1 else 1e-9
    return _solve(hessian, gradient)


def _times(a: float, b: float) -> float:
    return a * b


def _solve(lower: list[list[float]], right: Sequence[float]) -> list[float]:
    """A symmetric positive system, given by its lower half, by Cholesky."""
    size = len(right)
    low = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = lower[i][j] - sum(map(_times, low[i][:j], low[j][:j]))
            low[i][j] = math.sqrt(max(rest, 1e-12)) if i == j else rest / low[j][j]
    half: list[float] = []
    for i in range(size):
        half.append((right[i] - sum(map(_times, low[i][:i], half))) / low[i][i])
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (half[i] - sum(low[k][i] * found[k] for k in range(i + 1, size))) / low[i][i]
    return found


# ---------------------------------------------------------------- judging


def auc(chances: Sequence[float], outcomes: Sequence[int]) -> float | None:
    """The chance that of two leads the one that converted stands higher; None where all ended alike."""
    ranked = sorted(zip(chances, outcomes, strict=True))
    wins, total, place = 0.0, len(ranked), 0
    ranks = 0.0
    while place < total:
        end = place
        while end < total and ranked[end][0] == ranked[place][0]:
            end += 1
        middle = (place + 1 + end) / 2
        ranks += middle * sum(outcome for _, outcome in ranked[place:end])
        place = end
    positive = sum(outcomes)
    if not positive or positive == total:
        return None
    wins = ranks - positive * (positive + 1) / 2
    return wins / (positive * (total - positive))


def log_loss(chances: Sequence[float], outcomes: Sequence[int]) -> float:
    """How surprised the chances are by what came, on average."""
    kept = [min(max(p, 1e-6), 1 - 1e-6) for p in chances]
    return -sum(math.log(p if outcome else 1 - p) for p, outcome in zip(kept, outcomes, strict=True)) / len(kept)


# ---------------------------------------------------------------- learning


def closed() -> list[dict[str, Any]]:
    """The leads that ended as converted or invalid, the oldest first; the newest ``MOST`` of them."""
    sql = "SELECT id FROM lead WHERE status IN ('converted', 'invalid') AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?"
    ids = [i for (i,) in store.rows(sql, [MOST])]
    held = rows.load(Lead, ids)
    return [held[i] for i in reversed(ids)]


def learn(leads: Sequence[Mapping[str, Any]] | None = None) -> Model | None:
    """What closed leads teach; None while there are too few of either outcome. The same leads: the same model."""
    found = closed() if leads is None else list(leads)
    outcomes = [int(each["status"] == "converted") for each in found]
    n, converted = len(found), sum(outcomes)
    if n < LEAST or min(converted, n - converted) < LEAST_EACH:
        return None
    tested = _test(found, outcomes)
    columns = _columns(found)
    means, scales, weights, bias = _fit(_rows(found, columns), outcomes, len(columns))
    return Model(n, converted, columns, tuple(means), tuple(scales), tuple(weights), bias, n, *tested)


def _test(found: Sequence[Mapping[str, Any]], outcomes: Sequence[int]) -> tuple[float | None, float, float]:
    """(area under the curve, loss, loss of the plain share), each lead judged by what the others taught."""
    chances, shares = [0.0] * len(found), [0.0] * len(found)
    for part in range(PARTS):
        known = [place for place in range(len(found)) if place % PARTS != part]
        came = [outcomes[place] for place in known]
        leads = [found[place] for place in known]
        columns = _columns(leads)
        means, scales, weights, bias = _fit(_rows(leads, columns), came, len(columns))
        tried = Model(0, 0, columns, tuple(means), tuple(scales), tuple(weights), bias)
        for place in range(part, len(found), PARTS):
            chances[place], shares[place] = chance(tried, found[place]), sum(came) / len(came)
    return auc(chances, outcomes), log_loss(chances, outcomes), log_loss(shares, outcomes)


def parts(model: Model, lead: Mapping[str, Any]) -> list[tuple[tuple[str, str], float]]:
    """What each column adds to the chance (as log-odds), against an average lead."""
    mine = set(said(lead))
    told = zip(model.columns, model.means, model.scales, model.weights, strict=True)
    return [(column, weight * (float(column in mine) - mean) / scale) for column, mean, scale, weight in told]


def chance(model: Model, lead: Mapping[str, Any]) -> float:
    """The chance that a lead converts."""
    return sigmoid(model.bias + sum(each for _, each in parts(model, lead)))


def percent(model: Model | None, lead: Mapping[str, Any]) -> int | None:
    """The same as it is kept; None while nothing is shown."""
    return round(100 * chance(model, lead)) if model is not None and model.shown else None


def reasons(model: Model, lead: Mapping[str, Any], most: int = 5) -> list[tuple[str, str, float]]:
    """(field, value, weight) of what speaks most for or against it, of what the lead itself says."""
    mine = set(said(lead))
    found = [
        (column, each) for column, each in parts(model, lead) if column in mine or (not column[1] and abs(each) > 0.2)
    ]
    found.sort(key=lambda pair: (-abs(pair[1]), pair[0]))
    return [(name, value, round(each, 3)) for (name, value), each in found[:most] if abs(each) > 0.02]


# ---------------------------------------------------------------- keeping


@cache.kept
def latest() -> Model | None:
    """What was learned last."""
    text = store.value("SELECT model FROM lead_model WHERE id = 1")
    if not text:
        return None
    held: dict[str, Any] = json.loads(text)
    held["columns"] = tuple(tuple(each) for each in held["columns"])
    for name in ("means", "scales", "weights"):
        held[name] = tuple(held[name])
    return Model(**held)


def learned_at() -> str:
    """When; empty for never."""
    return str(store.value("SELECT at FROM lead_model WHERE id = 1") or "")


def keep(model: Model | None) -> Model | None:
    """Keep it instead of the one before. Inside ``writing``."""
    if model is None:
        store.run("DELETE FROM lead_model")
    else:
        sql = "INSERT OR REPLACE INTO lead_model (id, at, model) VALUES (1, ?, ?)"
        store.run(sql, [clock.stamp(), json.dumps(asdict(model))])
    cache.bump()
    return model

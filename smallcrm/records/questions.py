"""What one area asks and others answer, so that neither imports the other: has this customer open business? since when a deal?

Whoever knows registers an answer, set-wise over ids; whoever must know asks, and listens to be told when answers change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Answer = Callable[[Sequence[int]], Mapping[int, Any]]
Listener = Callable[[list[int]], None]

# Questions about a customer, by id; an id that is not in the answer has none.
FOLLOWED_UP = "followed up"  # the moment of the latest follow-up that counts
DEAL = "deal"  # the moment of the first deal that still stands: a confirmed order, a signed contract, a won opportunity
OPPORTUNITY = "opportunity"  # (the moment the latest was made, whether any is open)
OPEN_BUSINESS = "open business"  # what is open, as a label: an opportunity, an order, a ticket, an unpaid invoice

# A question about a user, by id: (first day, last day) as ISO dates of every time they are away, half days left out.
ABSENT = "absent"
# By id as well: who stands in for them today; only of those who are away.
STANDS_IN = "stands in"

_answers: dict[tuple[str, str], list[Answer]] = {}
_listeners: dict[str, list[Listener]] = {}


def answers(question: str, key: str) -> Callable[[Answer], Answer]:
    """Register an answer to ``question`` about records of type ``key``."""

    def keep(function: Answer) -> Answer:
        _answers.setdefault((question, key), []).append(function)
        return function

    return keep


def ask(question: str, key: str, ids: Sequence[int]) -> list[Mapping[int, Any]]:
    """Everybody's answers: id → what was asked, one mapping for each who answers."""
    return [answer(ids) for answer in _answers.get((question, key), ())] if ids else []


def on_change(key: str) -> Callable[[Listener], Listener]:
    """Call the function with the ids of type ``key`` whose answers change, inside the transaction."""

    def keep(function: Listener) -> Listener:
        _listeners.setdefault(key, []).append(function)
        return function

    return keep


def changed(key: str, ids: Iterable[int]) -> None:
    """Answers about these records change; told inside the transaction that changes them."""
    wanted = sorted(set(ids))
    if wanted:
        for listener in _listeners.get(key, ()):
            listener(wanted)


def there(user: int) -> int:
    """The user, or whoever stands in for them while they are away."""
    seen = {user}
    while True:
        found = next((answer[user] for answer in ask(STANDS_IN, "user", [user]) if answer.get(user)), None)
        if found is None or found in seen:
            return user
        seen.add(found)
        user = int(found)

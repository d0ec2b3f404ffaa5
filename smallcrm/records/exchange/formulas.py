"""Formulas of figures alone, ``36*7``: some programs write them without their result."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

_SAFE = re.compile(r"[\d\s.+\-*/()]{1,200}")
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def constant(formula: str) -> float | int | None:
    """The result of a formula that refers to nothing; None for any other."""
    text = formula.strip().lstrip("=").strip()
    if not _SAFE.fullmatch(text) or "**" in text or "//" in text:
        return None
    try:
        value = _value(ast.parse(re.sub(r"(?<![\d.])0+(?=\d)", "", text), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError, MemoryError, TypeError):
        return None
    return value if abs(value) < 1e15 else None


def _value(node: ast.AST) -> float | int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value(node.operand)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        result: float | int = _BINARY[type(node.op)](_value(node.left), _value(node.right))
        return result
    raise ValueError

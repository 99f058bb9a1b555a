"""Small expressions in lessons, such as ``abs(dw(1, 2, 3)) > 0.1``: arithmetic, comparisons, and names that are given.

Nothing else can be written in them: a lesson is a file that people hand to each other, and opening it runs no code.
"""

from __future__ import annotations

import ast
import math
import operator
from typing import TYPE_CHECKING, Any

from bplab.errors import BplabError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST = 300  # characters
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
COMMON: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "max": max,
    "min": min,
    "round": round,
    "sqrt": math.sqrt,
}


class ExpressionError(BplabError):
    """An expression that cannot be understood, or asks for something that is not there."""


def check(text: str, names: frozenset[str]) -> None:
    """Raise `ExpressionError` if a text is not an expression of known names."""
    for node in ast.walk(_parsed(text)):
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and not node.keywords):
            raise ExpressionError(f"'{text}' calls something that has no name.", "Write it as name(1, 2).")
        if isinstance(node, ast.Name) and node.id not in names | COMMON.keys():
            known = ", ".join(sorted(names))
            raise ExpressionError(f"'{text}' speaks of '{node.id}', which is not known.", f"There are: {known}.")
        if not isinstance(node, _ALLOWED):
            raise ExpressionError(f"'{text}' holds more than numbers, names and comparisons.", "Write it more simply.")


def value_of(text: str, names: Mapping[str, Callable[..., Any]]) -> Any:
    """Return the value of an expression.

    Raises
    ------
    ExpressionError
        If it is none, or has no value, such as that of a neuron that is not there.
    """
    check(text, frozenset(names))
    try:
        return _value(_parsed(text).body, {**COMMON, **names})
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ExpressionError(f"'{text}' has no value: {error}.", "Check its layers and neurons.") from None


def _parsed(text: str) -> ast.Expression:
    if len(text) > LONGEST:
        raise ExpressionError(f"An expression of {len(text)} characters is too long.", f"Use at most {LONGEST}.")
    try:
        return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"'{text}' is not an expression.", "Write it as in a calculator.") from None


_ALLOWED = (
    ast.Expression,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.Call,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.USub,
    ast.Not,
    ast.And,
    ast.Or,
    *_BINARY,
    *_COMPARE,
)


def _number(node: ast.expr, names: Mapping[str, Callable[..., Any]]) -> float:
    """Return a value that can be reckoned with: a text times a large number would fill the memory."""
    found = _value(node, names)
    if isinstance(found, str):
        raise TypeError(f"'{found[:20]}' is not a number")
    return float(found)


def _value(node: ast.expr, names: Mapping[str, Callable[..., Any]]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)](_number(node.left, names), _number(node.right, names))
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, names)
        return not inner if isinstance(node.op, ast.Not) else -inner
    if isinstance(node, ast.BoolOp):
        found = (bool(_value(part, names)) for part in node.values)
        return all(found) if isinstance(node.op, ast.And) else any(found)
    if isinstance(node, ast.Compare):
        values = [_value(part, names) for part in (node.left, *node.comparators)]
        pairs = zip(values, values[1:], node.ops, strict=False)
        return all(_COMPARE[type(op)](left, right) for left, right, op in pairs)
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    return names[node.func.id](*(_value(argument, names) for argument in node.args))

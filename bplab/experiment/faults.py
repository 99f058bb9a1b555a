"""What is wrong with a value, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


def faults(error: ValidationError) -> str:
    """Return the first three faults with their places, in one line of plain words."""
    found = [_fault(item) for item in error.errors(include_url=False)]
    return "; ".join(found[:3]) + (f"; and {len(found) - 3} more" if len(found) > 3 else "")


def _fault(item: ErrorDetails) -> str:
    """Return one fault, for example ``training.batch_size is 0; it must be at least 1``."""
    place = ".".join(str(part) for part in item["loc"])[:100] or "it"
    context, value = item.get("ctx", {}), repr(item["input"])
    words = {
        "missing": "is missing",
        "extra_forbidden": "is not known",
        "value_error": f": {context.get('error')}",
        "finite_number": "is not a finite number",
        "string_unicode": "is not text",
    }
    if item["type"] in words:
        return f"{place} {words[item['type']]}".replace(" :", ":")[:300]
    limit = next((f"{_LIMITS[name]} {context[name]}" for name in context if name in _LIMITS), "")
    shown = value if len(value) <= 40 else f"{value[:37]}..."
    kind = f"a {item['type'].removesuffix('_type').removesuffix('_parsing').replace('_', ' ')}"
    return f"{place} is {shown}; it must be {limit or _KINDS.get(item['type'], kind)}"[:300]


_LIMITS = {
    "ge": "at least",
    "gt": "more than",
    "le": "at most",
    "lt": "less than",
    "max_length": "no longer than",
    "min_length": "no shorter than",
    "expected": "one of",
    "pattern": "of the form",
}


_KINDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}

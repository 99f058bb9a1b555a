"""Text from files, safe from being taken for markup."""

from __future__ import annotations

import html


def plain_tip(text: str) -> str:
    """Return a tooltip that shows a text as it is, whatever a file has put into it."""
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>" if text else ""

# SPDX-License-Identifier: Apache-2.0
"""What is said about names that Keras has and midge does not."""
from __future__ import annotations

import difflib
from typing import Any, Callable, Iterable

__all__ = ["absent", "nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """" (the nearest is 'x')", or nothing where none is near."""
    by_lower = {one.lower(): one for one in known}
    found = difflib.get_close_matches(name.lower(), by_lower, 1, 0.5)
    return " (the nearest is %r)" % by_lower[found[0]] if found else ""


def absent(what: str, known: Iterable[str]) -> Callable[[str], Any]:
    """The __getattr__ of a module: `what` has no such name."""
    names = sorted(known)

    def refuse(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError("%s has no %r%s; it has %s" % (what, name, nearest(name, names),
                                                           ", ".join(names)))
    return refuse

# SPDX-License-Identifier: Apache-2.0
"""Things that a configuration names by class and members: initialisers, regularisers, optimisers."""
from __future__ import annotations

import re
from typing import Any, Dict

__all__ = ["Named", "describe", "snake_case"]


def snake_case(name: str) -> str:
    """A class's name as layers and losses use it: "MaxPooling2D" is "max_pooling2d"."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


class Named:
    """Keeps what it was made with, as Keras writes it."""

    _module = ""

    def _keep(self, given: Dict[str, Any]) -> None:
        self._config = {key: value for key, value in given.items()
                        if key not in ("self", "__class__", "kwargs")}

    def get_config(self) -> Dict[str, Any]:
        """What it was made with."""
        return dict(self._config)

    @classmethod
    def from_config(cls, config: Dict[str, Any]) -> Any:
        """Makes it anew."""
        return cls(**config)

    def __repr__(self) -> str:
        members = ", ".join("%s=%r" % item for item in self.get_config().items())
        return "%s(%s)" % (type(self).__name__, members)


def describe(value: Any, module: str, classes: Dict[str, type], what: str) -> Any:
    """A member of a configuration, given as an object, by name, as a class or as read from a
    file."""
    if value is None or isinstance(value, dict):
        return value
    if isinstance(value, str):
        names = {key.lower(): key for key in classes}
        names.update({snake_case(key): key for key in classes})
        if value.lower() not in names:
            raise ValueError("there is no %s %r; there are %s" % (what, value, ", ".join(classes)))
        value = classes[names[value.lower()]]()
    elif isinstance(value, type) and value in classes.values():
        value = value()
    if not isinstance(value, tuple(classes.values())):
        raise TypeError("%r is no %s; there are %s" % (value, what, ", ".join(classes)))
    return {"module": "keras." + module, "class_name": type(value).__name__,
            "config": value.get_config(), "registered_name": None}

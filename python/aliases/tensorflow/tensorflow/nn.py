# SPDX-License-Identifier: Apache-2.0
"""Activations of tensorflow.nn, for layers."""


def __getattr__(name: str):
    from midge.keras import activations
    if name in activations.__all__:
        return getattr(activations, name)
    raise AttributeError("module 'tensorflow.nn' has no attribute '%s': this is midge, which has "
                         "activations for layers there" % name)

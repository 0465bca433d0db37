# SPDX-License-Identifier: Apache-2.0
"""tensorflow.random: the seed."""


def set_seed(seed: int) -> None:
    """What first weights, the order of samples and dropout follow from."""
    from midge.keras.utils import set_random_seed
    set_random_seed(seed)

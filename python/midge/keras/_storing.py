# SPDX-License-Identifier: Apache-2.0
"""Models and weights as files."""
from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from typing import Any, Optional

from midge.keras._trainer import Trainer

__all__ = ["Storing", "open_folder"]

_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"


def open_folder(path: str, scratch: str) -> str:
    """The archive of a folder that save() made."""
    packed = os.path.join(scratch, "model.keras")
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (_METADATA, _CONFIG, _WEIGHTS):
            archive.write(os.path.join(path, name), name)
    return packed


class Storing:
    """What models do with files."""

    # pylint: disable=no-member

    def save(self, filepath: Any, overwrite: bool = True, save_format: Optional[str] = None,
             include_optimizer: bool = True, **_: Any) -> None:
        """Saves the model, as Keras does.

        Args:
            filepath: NAME.keras, NAME.h5 or another name, which becomes a folder: that of a .keras
                file, which load_model and TFLiteConverter.from_saved_model read.
            overwrite: False raises FileExistsError for what is there.
        """
        path = os.fspath(filepath)
        if not overwrite and os.path.exists(path):
            raise FileExistsError("%s is there already" % path)
        if self.optimizer is None or not include_optimizer:
            self._ready()
        trainer = self._ready()
        if path.endswith((".keras", ".h5", ".hdf5")):
            trainer.save(path)
        elif save_format in ("h5", "keras"):
            with tempfile.TemporaryDirectory(prefix="midge-") as folder:
                made = os.path.join(folder, "model." + save_format)
                trainer.save(made)
                shutil.copyfile(made, path)
        else:
            self._save_folder(trainer, path)

    @staticmethod
    def _save_folder(trainer: Trainer, path: str) -> None:
        with tempfile.TemporaryDirectory(prefix="midge-") as folder:
            made = os.path.join(folder, "model.keras")
            trainer.save(made)
            os.makedirs(path, exist_ok=True)
            with zipfile.ZipFile(made) as archive:
                for name in archive.namelist():
                    target = os.path.join(path, os.path.basename(name))
                    with open(target, "wb") as file:
                        file.write(archive.read(name))

    export = save

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Saves the weights, and what the optimiser keeps, as Keras does.

        Args:
            filepath: NAME.weights.h5.
            overwrite: False raises FileExistsError for what is there.
        """
        path = os.fspath(filepath)
        if not path.endswith(".weights.h5"):
            raise ValueError("the name of a file of weights ends in .weights.h5, got %s" % path)
        if not overwrite and os.path.exists(path):
            raise FileExistsError("%s is there already" % path)
        with tempfile.TemporaryDirectory(prefix="midge-") as folder:
            made = os.path.join(folder, "model.keras")
            self._ready().save(made)
            with zipfile.ZipFile(made) as archive:
                content = archive.read(_WEIGHTS)
        with open(path, "wb") as file:
            file.write(content)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **_: Any) -> None:
        """Takes weights, and what the optimiser keeps, of a file of an equal model.

        Args:
            filepath: NAME.weights.h5, of midge or Keras, or a whole .keras or .h5 model.

        Raises:
            OSError: there is no such file.
            ValueError: the weights are those of another model.
        """
        path = os.fspath(filepath)
        if skip_mismatch:
            raise ValueError("load_weights: skip_mismatch is not supported; give single layers "
                             "their weights with layer.set_weights()")
        if not os.path.exists(path):
            raise OSError("there are no weights at %s" % path)
        if not path.endswith(".weights.h5"):
            from midge.keras.models import load_model
            self.set_weights(load_model(path, compile=False).get_weights())
            return
        trainer = self._ready()
        with tempfile.TemporaryDirectory(prefix="midge-") as folder:
            packed = os.path.join(folder, "model.keras")
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr(_METADATA, json.dumps({"keras_version": "3.0.0"}))
                archive.writestr(_CONFIG, json.dumps(trainer.configuration()))
                archive.write(path, _WEIGHTS)
            try:
                self._trainer = Trainer(packed.encode(), self._seed or 0)
            except ValueError as error:
                raise ValueError("%s: %s" % (path, error)) from None
        self._own()

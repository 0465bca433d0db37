# SPDX-License-Identifier: Apache-2.0
"""The converter interface of tensorflow.lite, over midge.convert.

    converter = TFLiteConverter.from_keras_model(model)
    converter.optimizations = [Optimize.DEFAULT]
    converter.representative_dataset = samples
    with open("model.tflite", "wb") as file:
        file.write(converter.convert())

Which settings lead to which kind of quantisation follows the original.
"""
from __future__ import annotations

import enum
import os
import warnings
from typing import Any, Callable, Iterable, List, Optional, Sequence

import numpy as np

from midge.conversion import convert, float_nodes

__all__ = ["Optimize", "OpsSet", "RepresentativeDataset", "TFLiteConverter", "TargetSpec"]


class Optimize(enum.Enum):
    """What to optimise for. All but EXPERIMENTAL_SPARSITY mean the same."""

    DEFAULT = "DEFAULT"
    OPTIMIZE_FOR_SIZE = "OPTIMIZE_FOR_SIZE"
    OPTIMIZE_FOR_LATENCY = "OPTIMIZE_FOR_LATENCY"
    EXPERIMENTAL_SPARSITY = "EXPERIMENTAL_SPARSITY"

    def __str__(self) -> str:
        return str(self.value)


class OpsSet(enum.Enum):
    """Operators that the result may use."""

    TFLITE_BUILTINS = "TFLITE_BUILTINS"
    SELECT_TF_OPS = "SELECT_TF_OPS"
    TFLITE_BUILTINS_INT8 = "TFLITE_BUILTINS_INT8"
    EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8 = (
        "EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8")
    EXPERIMENTAL_STABLEHLO_OPS = "EXPERIMENTAL_STABLEHLO_OPS"

    def __str__(self) -> str:
        return str(self.value)

    @staticmethod
    def get_options() -> List[str]:
        """Names of the sets."""
        return [str(option) for option in OpsSet]


_INT16X8 = OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8


class TargetSpec:
    """What the result has to run on.

    supported_ops: OpsSet members; TFLITE_BUILTINS_INT8 alone demands that every operator computes
        with integers.
    supported_types: element types of weights: float16 makes float16 weights, int8 demands integers.
    """

    def __init__(self, supported_ops: Optional[Iterable[OpsSet]] = None,
                 supported_types: Optional[Iterable[Any]] = None,
                 experimental_select_user_tf_ops: Optional[Iterable[str]] = None,
                 experimental_supported_backends: Optional[Iterable[str]] = None):
        self.supported_ops = {OpsSet.TFLITE_BUILTINS} if supported_ops is None else supported_ops
        self.supported_types = set() if supported_types is None else supported_types
        self.experimental_select_user_tf_ops = experimental_select_user_tf_ops or set()
        self.experimental_supported_backends = experimental_supported_backends


class RepresentativeDataset:
    """Typical inputs.

    Args:
        input_gen: a function that returns an iterable, such as a generator function. Each element
            is one sample: a list of arrays in the order of the model's inputs, a dictionary of
            arrays by name, or (key of a signature, such a dictionary).
    """

    def __init__(self, input_gen: Callable[[], Iterable[Any]]):
        self.input_gen = input_gen


class TFLiteConverter:
    """Makes .tflite files of Keras models and SavedModels. Made by one of the functions from_….

    Attributes:
        optimizations: list of Optimize; empty: a float model.
        representative_dataset: RepresentativeDataset or its function; then activations become
            integers too.
        target_spec: TargetSpec.
        inference_input_type, inference_output_type: float32; int8 or uint8 when all is int8; int16
            when activations are.
        allow_custom_ops, experimental_new_converter, experimental_new_quantizer,
        experimental_enable_resource_variables, exclude_conversion_metadata, unfold_batchmatmul, …:
            without effect.
    """

    def __init__(self, source: Any):
        self._source = source
        self._signature: Optional[str] = None
        self.optimizations: Sequence[Optimize] = set()
        self.representative_dataset: Any = None
        self.target_spec = TargetSpec()
        self.inference_input_type: Any = np.float32
        self.inference_output_type: Any = np.float32
        self.allow_custom_ops = False
        self.exclude_conversion_metadata = False
        self.unfold_batchmatmul = False
        self.experimental_new_converter = True
        self.experimental_new_quantizer = True
        self.experimental_enable_resource_variables = True
        self.experimental_new_dynamic_range_quantizer = True

    @classmethod
    def from_keras_model(cls, model: Any) -> TFLiteConverter:
        """For a model of Keras, which saves itself to a temporary file, or of midge.keras."""
        if not callable(getattr(model, "save", None)):
            raise TypeError("from_keras_model takes a model of Keras, got %s; for a file use "
                            "from_keras_file" % type(model).__name__)
        return cls(model)

    @classmethod
    def from_saved_model(cls, saved_model_dir: Any, signature_keys: Optional[Sequence[str]] = None,
                         tags: Optional[Iterable[str]] = None) -> TFLiteConverter:
        """For the folder of a SavedModel, or of a Keras model.

        Raises:
            OSError: there is no such folder.
            ValueError: several signatures, or other tags than serve.
        """
        path = os.fspath(saved_model_dir)
        if not os.path.exists(path):
            raise OSError("SavedModel file does not exist at: %s" % os.fsdecode(path))
        if signature_keys and len(signature_keys) != 1:
            raise ValueError("one signature is converted, got %s" % list(signature_keys))
        if tags and set(tags) != {"serve"}:
            raise ValueError("only the tag serve is known, got %s" % sorted(tags))
        made = cls(path)
        made._signature = signature_keys[0] if signature_keys else None
        return made

    @classmethod
    def from_keras_file(cls, path: Any) -> TFLiteConverter:
        """For a .keras or .h5 file.

        Raises:
            OSError: there is no such file.
        """
        if not os.path.exists(path):
            raise OSError("there is no Keras model at %s" % os.fsdecode(path))
        return cls(os.fspath(path))

    from_keras_model_file = from_keras_file

    def convert(self) -> bytes:
        """The bytes of the .tflite file.

        Raises:
            ValueError: settings contradict each other, or the model holds what cannot be converted.
        """
        mode, strict = self._mode()
        result = convert(self._source, optimize=mode, samples=self._samples(mode),
                         signature=self._signature,
                         input_type=self.inference_input_type,
                         output_type=self.inference_output_type)
        left = float_nodes(result) if strict else []
        if left:
            raise ValueError("these nodes have no integer form: %s; add OpsSet.TFLITE_BUILTINS to "
                             "target_spec.supported_ops to let them compute with floats" %
                             ", ".join(left))
        return result

    def _mode(self) -> tuple:
        """What midge.convert is to do, and whether all must compute with integers."""
        kinds = {np.dtype(getattr(kind, "as_numpy_dtype", kind))
                 for kind in self.target_spec.supported_types or ()}
        sets = set(self.target_spec.supported_ops or ())
        chosen = set(self.optimizations or ())
        for option in chosen:
            if not isinstance(option, Optimize):
                raise ValueError("optimizations holds members of Optimize, got %r" % (option,))
        if Optimize.EXPERIMENTAL_SPARSITY in chosen:
            warnings.warn("midge keeps weights dense", RuntimeWarning, stacklevel=3)
        if not chosen - {Optimize.EXPERIMENTAL_SPARSITY}:
            return self._checked("none", False)
        whole = sets in ({OpsSet.TFLITE_BUILTINS_INT8}, {_INT16X8}) or np.dtype(np.int8) in kinds
        if self.representative_dataset is None:
            if whole or _INT16X8 in sets:
                raise ValueError("For full integer quantization, a `representative_dataset` must "
                                 "be specified.")
            return self._checked("float16" if np.dtype(np.float16) in kinds else "dynamic", False)
        if np.dtype(np.float16) in kinds:
            return self._checked("float16", False)
        return self._checked("int16x8" if _INT16X8 in sets else "int8", whole)

    def _checked(self, mode: str, whole: bool) -> tuple:
        allowed = {"int8": (np.float32, np.int8, np.uint8), "int16x8": (np.float32, np.int16)}
        for kind in (self.inference_input_type, self.inference_output_type):
            found = np.dtype(getattr(kind, "as_numpy_dtype", kind))
            if found not in [np.dtype(one) for one in allowed.get(mode, (np.float32,))]:
                raise ValueError("The inference_input_type and inference_output_type must be in %s "
                                 "for this quantisation, got %s" %
                                 ([np.dtype(one).name for one in allowed.get(mode, (np.float32,))],
                                  found))
        return mode, whole

    def _samples(self, mode: str) -> Optional[Iterable[Any]]:
        if mode not in ("int8", "int16x8"):
            return None
        dataset = self.representative_dataset
        source = dataset.input_gen if isinstance(dataset, RepresentativeDataset) else dataset
        if not callable(source):
            raise ValueError("representative_dataset is a function that gives samples, such as a "
                             "generator function, got %s" % type(source).__name__)
        return source()

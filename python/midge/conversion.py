# SPDX-License-Identifier: Apache-2.0
"""Other models into .tflite files, and .tflite files into smaller ones."""
from __future__ import annotations

import ctypes
import io
import itertools
import os
import tempfile
import zipfile
from ctypes import byref
from typing import Any, Callable, Iterable, List, Optional, Sequence, Union

import numpy as np

from midge import _library, _tensors
from midge._conversion_library import (MODES, PROGRESS, RANGES, REPORT, SAMPLE, ConvertOptions,
                                       quick, slow)
from midge._session import Session, file_path

__all__ = ["convert"]

_INTERFACES = {np.dtype(np.float32): 0, np.dtype(np.uint8): 3, np.dtype(np.int16): 7,
               np.dtype(np.int8): 9}


def convert(source: Any, output: Any = None, *, optimize: str = "none",
            samples: Optional[Iterable[Any]] = None, batch: int = 0,
            input_type: Any = np.float32, output_type: Any = np.float32,
            value_range: str = "all", percentile: float = 0.0,
            keep_float: Sequence[Union[str, int]] = (), correct_bias: bool = False,
            equalize: bool = False, prune: bool = False, sparsity: float = 0.0, clusters: int = 0,
            signature: Optional[str] = None, threads: int = 1,
            report: Optional[Callable[[str, str, str], None]] = None,
            progress: Optional[Callable[[int, int], Any]] = None) -> bytes:
    """Makes a .tflite file.

        midge.convert("model.keras", "model.tflite")
        small = midge.convert("model.tflite", optimize="int8", samples=pictures)

    Args:
        source: path of a Keras model (.keras, its folder, .h5), of a SavedModel or of a .tflite
            file; the bytes of a .tflite file; or a model of Keras or of midge.keras.
        output: path of a file to write as well. A failure leaves an old file as it was.
        optimize: "none", "float16", "dynamic" (int8 weights), "int8" or "int16x8" (int8 weights and
            int16 activations). The last two need samples, unless the model has learned its ranges
            (midge train --quantize-aware).
        samples: typical inputs: for each sample an array, a list of arrays in the order of the
            model's inputs, or a dictionary by name. A stack of samples along the first dimension
            may stand for several, and one array or dictionary for a list of one.
        batch: batch size of all inputs of a Keras model or SavedModel; 0: what the model says, 1
            where it leaves that open.
        input_type, output_type: of float inputs and outputs afterwards: float32; int8 or uint8
            (with "int8"); int16 (with "int16x8").
        value_range: which of the values that occurred the integers must reach: "all", "percentile"
            or "least-error".
        percentile: of "percentile"; 0 stands for 99.99.
        keep_float: nodes to leave alone: a number, an operator such as "SOFTMAX", or the name of a
            tensor that the node makes.
        correct_bias: take off each bias what rounding the weights adds on average.
        equalize: let channels between two layers use the range of their tensor alike.
        prune: leave out names within graphs, the description and blocks of notes.
        sparsity: this share of the weights of each large tensor, the smallest, becomes 0.
        clusters: so many different values remain in each large tensor of weights; 0: all.
        signature: of a SavedModel; None: serving_default, or the only one.
        threads: threads that run the samples.
        report: called with name, class and operators of each layer of a Keras model.
        progress: called with how many of how many runs are done; False stops.

    Returns:
        The bytes of the file.

    Raises:
        ValueError: the source is no model, or has layers or operators that cannot be converted,
            all of which the message names; or samples do not fit.
        RuntimeError: `progress` stopped it.
        OSError: `output` cannot be written.
    """
    if optimize not in MODES:
        raise ValueError("optimize is one of %s, got %r" % (", ".join(MODES), optimize))
    if value_range not in RANGES:
        raise ValueError("value_range is one of %s, got %r" % (", ".join(RANGES), value_range))
    made = _bytes_of(source, (batch, signature), report)
    if optimize != "none" or prune or sparsity or clusters:
        request = quick.midge_optimize_options_default()
        request.mode, request.threads = MODES[optimize], threads
        request.range, request.percentile = RANGES[value_range], percentile
        request.input_type = interface_type(input_type, "input_type")
        request.output_type = interface_type(output_type, "output_type")
        request.correct_bias, request.prune = correct_bias, prune
        request.equalize = equalize
        request.sparsity, request.clusters = sparsity, clusters
        names = [str(node).encode() for node in keep_float]
        request.keep_float = (ctypes.c_char_p * len(names))(*names)
        request.keep_float_count = len(names)
        made = _optimize(made, request, samples, progress)
    elif {interface_type(input_type, "input_type"),
          interface_type(output_type, "output_type")} != {0}:
        raise ValueError("a float model has inputs and outputs of float32; other types need "
                         "optimize='int8' or 'int16x8'")
    if output is not None:
        _replace_file(output, made)
    return made


def interface_type(kind: Any, argument: str) -> int:
    """The number of an element type that inputs and outputs may have."""
    try:
        found = np.dtype(getattr(kind, "as_numpy_dtype", kind))
    except TypeError:
        found = None
    if found not in _INTERFACES:
        raise ValueError("%s is float32, int8, uint8 or int16, got %r" % (argument, kind))
    return _INTERFACES[found]


def _bytes_of(source: Any, chosen: tuple, report: Optional[Callable]) -> bytes:
    """The float model, as the bytes of a .tflite file."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                if file.read(8)[4:] == b"TFL3":
                    file.seek(0)
                    return file.read()
        return _convert_file(path, chosen, report)
    if callable(getattr(source, "save", None)):
        return _convert_object(source, chosen, report)
    raise TypeError("cannot convert a %s: give a path, the bytes of a .tflite file, or a model of "
                    "Keras" % type(source).__name__)


def _convert_object(model: Any, chosen: tuple, report: Optional[Callable]) -> bytes:
    """A model in memory saves itself. Keras 2 before 2.12 knows no .keras."""
    with tempfile.TemporaryDirectory(prefix="midge-") as folder:
        try:
            path = os.path.join(folder, "model.keras")
            model.save(path)
        except (ValueError, NotImplementedError, OSError):
            path = os.path.join(folder, "model.h5")
            model.save(path)
        return _convert_file(path, chosen, report)


def _convert_file(path: str, chosen: tuple, report: Optional[Callable]) -> bytes:
    raised: List[BaseException] = []

    def tell(_: Any, layer: bytes, class_name: bytes, operators: bytes) -> None:
        try:
            if report is not None:
                report(*map(_library.text, (layer, class_name, operators)))
        except BaseException as error:  # pylint: disable=broad-except
            raised.append(error)

    batch, signature = chosen
    request = ConvertOptions(ctypes.sizeof(ConvertOptions), None, batch,
                             REPORT(tell if report else 0))
    request.signature = None if signature is None else signature.encode()
    made, size, error = ctypes.c_void_p(), ctypes.c_size_t(), _library.Error()
    status = slow.midge_convert_file(file_path(path), byref(request), byref(made), byref(size),
                                     byref(error))
    return _take(status, made, size, error, quick.midge_convert_free, raised)


def _take(status: int, made: ctypes.c_void_p, size: ctypes.c_size_t, error: _library.Error,
          free: Any, raised: List[BaseException]) -> bytes:
    """The bytes that the library made, or its error as an exception; what a callback raised goes
    before."""
    try:
        if raised:
            raise raised[0]
        if status:
            kind = RuntimeError if status == _library.CANCELLED else ValueError
            raise kind(_library.message(error))
        return ctypes.string_at(made, size.value)
    finally:
        if made:
            free(None, made)


def _optimize(model: bytes, request: Any, samples: Optional[Iterable[Any]],
              progress: Optional[Callable]) -> bytes:
    raised: List[BaseException] = []
    session = Session(content=model)
    calibration = _Calibration(session, samples)
    request.sample_count = len(calibration.rows)

    def give(_: Any, index: int, handle: int, error: Any) -> int:
        try:
            return calibration.write(index, handle, error)
        except BaseException as exception:  # pylint: disable=broad-except
            raised.append(exception)
            return _library.CANCELLED

    def tell(_: Any, done: int, total: int) -> bool:
        try:
            return progress(done, total) is not False
        except BaseException as exception:  # pylint: disable=broad-except
            raised.append(exception)
            return False

    request.sample = SAMPLE(give)
    request.progress = PROGRESS(tell if progress else 0)
    made, size, error = ctypes.c_void_p(), ctypes.c_size_t(), _library.Error()
    status = slow.midge_optimize(session.model, byref(request), byref(made), byref(size),
                                 byref(error))
    return _with_archive(model, _take(status, made, size, error, quick.midge_optimize_free, raised))


class _Calibration:
    """Samples as the inputs of a session take them."""

    def __init__(self, session: Session, samples: Optional[Iterable[Any]]):
        self._inputs = [(session.facts(i), _tensors.shape_of(session.tensor(i)))
                        for i in session.graphs[0].inputs]
        self._names = [{facts.name} for facts, _ in self._inputs]
        for signature in session.signatures.values():
            for name, tensor in signature.inputs.items():
                if signature.graph == 0 and tensor in session.graphs[0].inputs:
                    self._names[session.graphs[0].inputs.index(tensor)].add(name)
        if samples is None:
            samples = ()
        elif isinstance(samples, (np.ndarray, dict)):
            samples = [samples]
        rows = itertools.chain.from_iterable(
            self._fit(number, sample) for number, sample in enumerate(samples))
        self.rows = list(rows)

    def _fit(self, number: int, sample: Any) -> List[List[np.ndarray]]:
        """One sample as rows of arrays, one row for each sample in a stack."""
        if isinstance(sample, tuple) and len(sample) == 2 and isinstance(sample[1], dict):
            sample = sample[1]  # with the key of its signature
        if isinstance(sample, dict):
            values = [self._named(number, sample, names) for names in self._names]
        elif isinstance(sample, (list, tuple)):
            values = list(sample)
        else:
            values = [sample]
        if len(values) != len(self._inputs):
            raise ValueError("sample %d has %d arrays, the model %d inputs (%s)" % (
                number, len(values), len(self._inputs),
                ", ".join(facts.name for facts, _ in self._inputs)))
        arrays = [self._array(number, facts, value)
                  for (facts, _), value in zip(self._inputs, values)]
        shapes = [shape for _, shape in self._inputs]
        if all(array.shape == shape for array, shape in zip(arrays, shapes)):
            return [arrays]
        split = [self._split(array, shape) for array, shape in zip(arrays, shapes)]
        if None not in split and len({len(pieces) for pieces in split}) == 1:
            return [list(row) for row in zip(*split)]
        facts, _ = self._inputs[0]
        raise ValueError("sample %d is %s, the model's inputs are %s: each input takes an array of "
                         "its shape" % (number, [list(array.shape) for array in arrays],
                                        [list(shape) for shape in shapes]))

    @staticmethod
    def _named(number: int, sample: dict, names: set) -> Any:
        for name in names:
            if name in sample:
                return sample[name]
        raise ValueError("sample %d has no input %s; it has %s" % (
            number, " or ".join(sorted(names)), ", ".join(map(str, sample))))

    @staticmethod
    def _array(number: int, facts: Any, value: Any) -> np.ndarray:
        array = np.asarray(value)
        wanted = np.dtype(_tensors.TYPES[facts.kind].numpy)
        if not np.can_cast(array.dtype, wanted, "same_kind") and wanted.kind != "f":
            raise ValueError("sample %d for input %s is %s, not %s" %
                             (number, facts.name, array.dtype, wanted))
        return np.ascontiguousarray(array, wanted)

    @staticmethod
    def _split(array: np.ndarray, shape: tuple) -> Optional[List[np.ndarray]]:
        """A stack of samples, or one that lacks the batch of 1, as arrays of the shape."""
        if array.shape == shape[1:] and shape[:1] == (1,):
            return [array[np.newaxis]]
        if array.ndim == len(shape) > 0 and shape[0] and array.shape[1:] == shape[1:] and \
                array.shape[0] and array.shape[0] % shape[0] == 0:
            return np.split(array, array.shape[0] // shape[0])
        return None

    def write(self, index: int, handle: int, error: Any) -> int:
        """Puts a sample into the inputs of a session."""
        for place, array in enumerate(self.rows[index]):
            status = quick.midge_session_write_input(handle, place, array.ctypes.data,
                                                     array.nbytes)
            if status:
                error.contents.status = status
                error.contents.message = quick.midge_session_message(handle)
                return status
        return _library.OK


def _with_archive(before: bytes, after: bytes) -> bytes:
    """The files that travel behind a model, labels among them, travel on."""
    if b"PK\5\6" not in before[-65557:] or not zipfile.is_zipfile(io.BytesIO(before)):
        return after
    result = io.BytesIO(after)
    with zipfile.ZipFile(io.BytesIO(before)) as packed, zipfile.ZipFile(result, "a") as target:
        for entry in packed.infolist():
            target.writestr(entry, packed.read(entry))
    return result.getvalue()


def _replace_file(path: Any, content: bytes) -> None:
    """Writes a file that is complete or not there."""
    target = os.path.abspath(os.fsdecode(os.fspath(path)))
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".midge-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def float_nodes(model: bytes) -> List[str]:
    """Nodes of a model that compute with floats, "OPERATOR (tensor that it makes)" each."""
    session = Session(content=model)
    graph, found = session.graphs[0], []
    for index in range(graph.node_count):
        node = session.node(index)
        name = _library.text(node.op)
        if name in ("QUANTIZE", "DEQUANTIZE"):
            continue
        tensors = [i for i in node.inputs[:node.input_count] if i >= 0]
        tensors += node.outputs[:node.output_count]
        if any(_tensors.TYPES[session.facts(i).kind].name.startswith("FLOAT") for i in tensors):
            found.append("%s (%s)" % (name, session.facts(node.outputs[0]).name))
    return found

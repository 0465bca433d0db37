# SPDX-License-Identifier: Apache-2.0
"""The interpreter interface of tflite_runtime and ai_edge_litert, over midge.

    from midge.interpreter import Interpreter
    interpreter = Interpreter(model_path="model.tflite", num_threads=4)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels)
    interpreter.invoke()
    scores = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

Names, arguments, results and kinds of exceptions are those of the originals. Threads that use one
interpreter wait for one another; several interpreters run at the same time.
"""
from __future__ import annotations

import enum
import functools
import os
from typing import Any, Callable, Dict, List, Optional, Sequence

import numpy as np

from midge import _tensors
from midge._delegate import Delegate, load_delegate
from midge._delegated import DelegatedSession
from midge._library import quick, text
from midge._session import Session, file_path
from midge._signature import SignatureRunner
from midge._values import check_value

__all__ = ["Delegate", "Interpreter", "InterpreterWithCustomOps", "OpResolverType",
           "SignatureRunner", "load_delegate"]

_NULL = "Tensor data is null. Run allocate_tensors() first"


def _in_turn(method: Callable) -> Callable:
    """A method that has the session for itself."""
    @functools.wraps(method)
    def called(self: Any, *arguments: Any, **named: Any) -> Any:
        with self._open_session().turn():
            return method(self, *arguments, **named)
    return called


@enum.unique
class OpResolverType(enum.Enum):
    """Which kernels compute.

    AUTO, BUILTIN and BUILTIN_WITHOUT_DEFAULT_DELEGATES: the fastest that this processor has.
    BUILTIN_REF: plain scalar code. Integer results are the same bit for bit either way.
    """

    AUTO = 0
    BUILTIN = 1
    BUILTIN_REF = 2
    BUILTIN_WITHOUT_DEFAULT_DELEGATES = 3


class Interpreter:
    """Runs a TensorFlow Lite model.

    Args:
        model_path: path of a .tflite file (str, bytes or os.PathLike).
        model_content: or its content, as bytes.
        experimental_delegates: what load_delegate() gave; each computes the nodes that it takes,
            the first one chooses first.
        num_threads: threads that compute, at least 1; None: 1.
        experimental_op_resolver_type: an OpResolverType.
        experimental_preserve_all_tensors: keep intermediate tensors readable after invoke().
            Results stay the same.
        experimental_disable_delegate_clustering, experimental_default_delegate_latest_features,
        experimental_disable_delegate_node_fusion, experimental_force_delegate_node_profiling:
            without effect: they are about the original's default delegate.
        experimental_compress_quantization_zero_points: kept as a property, without other effect.

    Raises:
        ValueError: no model or two, not a model, an operator or version that midge lacks, or an
            argument out of range.
        RuntimeError: a delegate fails.

    Use it as a context manager, or call close(), to free its memory at once.
    """

    def __init__(self, model_path: Any = None, model_content: Optional[bytes] = None,
                 experimental_delegates: Optional[Sequence[Delegate]] = None,
                 num_threads: Optional[int] = None,
                 experimental_op_resolver_type: OpResolverType = OpResolverType.AUTO,
                 experimental_preserve_all_tensors: bool = False,
                 experimental_disable_delegate_clustering: bool = False,
                 experimental_default_delegate_latest_features: bool = False,
                 experimental_compress_quantization_zero_points: bool = False,
                 experimental_disable_delegate_node_fusion: bool = False,
                 experimental_force_delegate_node_profiling: bool = False):
        self._session: Optional[Session] = None
        self._source = "memory"
        self._ready: set = set()
        self._experimental_compress_quantization_zero_points = (
            experimental_compress_quantization_zero_points)
        if not isinstance(experimental_op_resolver_type, OpResolverType):
            name = getattr(experimental_op_resolver_type, "name", None)
            if name not in OpResolverType.__members__:
                raise ValueError("Unrecognized passed in op resolver type: {}".format(
                    experimental_op_resolver_type))
            experimental_op_resolver_type = OpResolverType[name]
        if num_threads is not None:
            if not isinstance(num_threads, int):
                raise ValueError("type of num_threads should be int")
            if num_threads < 1:
                raise ValueError("num_threads should >= 1")
        path, content = self._read_source(model_path, model_content)
        reference = experimental_op_resolver_type is OpResolverType.BUILTIN_REF
        self._delegates = experimental_delegates or []
        kind = DelegatedSession if self._delegates else Session
        session = kind(path, content, threads=int(num_threads or 1),
                       kernels="ref" if reference else None,
                       preserve_all_tensors=bool(experimental_preserve_all_tensors))
        if self._delegates:
            session.apply(self._delegates)
        self._session = session
        self._signature_defs = self.get_signature_list()

    def _read_source(self, model_path: Any, model_content: Any) -> tuple:
        if not model_path and not model_content:
            raise ValueError("`model_path` or `model_content` must be specified.")
        if model_path and model_content:
            raise ValueError("Can't both provide `model_path` and `model_content`")
        if model_path:
            self._source = os.fsdecode(os.fspath(model_path))
            return file_path(model_path), None
        if not isinstance(model_content, (bytes, bytearray, memoryview)):
            raise TypeError("model_content is the bytes of a model, got %s" %
                            type(model_content).__name__)
        return None, bytes(model_content)

    def close(self) -> None:
        """Frees the model and its memory, or leaves that to the last view that looks into it. Every
        later call raises ValueError. Closing twice does nothing."""
        self._session = None
        self._ready = set()
        self._delegates = []

    def __enter__(self) -> Interpreter:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._session is None:
            return "<midge Interpreter, closed>"
        session = self._session
        sides = []
        for indices in (session.graphs[0].inputs, session.graphs[0].outputs):
            sides.append(", ".join("%s %s%s" % (
                session.facts(i).name, _tensors.TYPES[session.facts(i).kind].name.lower(),
                list(_tensors.shape_of(session.tensor(i)))) for i in indices))
        return "<midge Interpreter of %s: %s -> %s>" % (self._source, *sides)

    def _open_session(self) -> Session:
        if self._session is None:
            raise ValueError("the interpreter is closed")
        return self._session

    def _safe_to_run(self) -> bool:
        """Whether no array of tensor() is alive."""
        try:
            self._ensure_safe()
        except RuntimeError:
            return False
        return True

    @_in_turn
    def _ensure_safe(self) -> None:
        """Raises RuntimeError while an array of tensor() is alive."""
        self._open_session().ensure_unwatched()

    @_in_turn
    def allocate_tensors(self) -> None:
        """Makes the model ready to run. Needed before the first set_tensor() and after
        resize_tensor_input().

        Raises:
            RuntimeError: shapes do not fit together, operators are missing, memory is short, or
                arrays got from tensor() are alive.
        """
        session = self._open_session()
        session.forget_windows()
        self._ready.discard(0)
        session.prepare()
        self._ready.add(0)

    @_in_turn
    def invoke(self) -> None:
        """Runs the model. Other Python threads run meanwhile; those that use this
        interpreter wait.

        Raises:
            RuntimeError: tensors are not allocated, input data made an operator fail, or arrays got
                from tensor() are alive.
        """
        session = self._open_session()
        session.ensure_unwatched()
        if 0 not in self._ready:
            raise RuntimeError("Invoke called on model that is not ready: call allocate_tensors() "
                               "first, and again after resize_tensor_input()")
        session.invoke()

    @_in_turn
    def get_input_details(self) -> List[Dict[str, Any]]:
        """What each input takes, in the model's order.

        Returns:
            A list of dictionaries:
            name (str), index (int, for set_tensor), shape (int32 array; elements),
            shape_signature (int32 array, -1 where any size is meant), dtype (NumPy type),
            quantization (scale, zero point; (0.0, 0) when there is none or one per channel),
            quantization_parameters (scales float32 array, zero_points int32 array,
            quantized_dimension int, block_size int): real = scale * (stored - zero_point),
            sparsity_parameters (empty for dense tensors).
        """
        return [self._get_tensor_details(i, 0) for i in self._open_session().graphs[0].inputs]

    @_in_turn
    def get_output_details(self) -> List[Dict[str, Any]]:
        """The same for each output."""
        return [self._get_tensor_details(i, 0) for i in self._open_session().graphs[0].outputs]

    @_in_turn
    def get_tensor_details(self, subgraph_index: int = 0) -> List[Dict[str, Any]]:
        """The same for every tensor of a subgraph.

        Raises:
            ValueError: there is no such subgraph.
        """
        graphs = self._open_session().graphs
        if subgraph_index < 0 or subgraph_index >= len(graphs):
            raise ValueError("subgraph_index is out of range: %d for the model, which has %d "
                             "subgraphs." % (subgraph_index, len(graphs)))
        return [self._get_tensor_details(i, subgraph_index)
                for i in range(graphs[subgraph_index].tensor_count)]

    def _get_tensor_details(self, tensor_index: int, subgraph_index: int = 0) -> Dict[str, Any]:
        session = self._open_session()
        index, graph = session.check_index(int(tensor_index), int(subgraph_index))
        facts = session.facts(index, graph)
        scales, zero_points, axis = session.quantization(index, graph)
        quantization = (0.0, 0)
        if facts.block_size:
            scales = session.constant(facts.block_scales, graph)
            stored = (session.constant(facts.block_zero_points, graph)
                      if facts.block_zero_points >= 0 else None)
            scales = np.zeros(0, np.float32) if scales is None else scales
            zero_points = np.zeros(0, np.int32) if stored is None else stored.astype(np.int32)
        elif len(scales) == 1:
            quantization = (float(scales[0]), int(zero_points[0]))
        shape = np.array(_tensors.shape_of(session.tensor(index, graph)), np.int32)
        return {
            "name": facts.name,
            "index": index,
            "shape": shape,
            "shape_signature": self._signature_of(facts, shape),
            "dtype": _tensors.TYPES[facts.kind].numpy,
            "quantization": quantization,
            "quantization_parameters": {
                "scales": scales.copy(),
                "zero_points": zero_points.copy(),
                "quantized_dimension": axis,
                "block_size": facts.block_size,
            },
            "sparsity_parameters": session.sparsity(index, graph) if facts.sparse else {},
        }

    @staticmethod
    def _signature_of(facts: Any, shape: np.ndarray) -> np.ndarray:
        """Without open sizes the signature is the shape at hand."""
        if facts.signature and min(facts.signature) < 0:
            return np.array(facts.signature, np.int32)
        return shape.copy()

    @_in_turn
    def set_tensor(self, tensor_index: int, value: Any) -> None:
        """Copies a value into an input (or another tensor that is no constant).

        Args:
            tensor_index: "index" of get_input_details().
            value: array of exactly the tensor's type and shape; int4 and int2 tensors take int8,
                uint4 takes uint8, one element a byte; strings take arrays of str or bytes.

        Raises:
            ValueError: another type or shape, no such tensor, a constant, or nothing allocated yet.
        """
        session = self._open_session()
        index, _ = session.check_index(tensor_index)
        value = np.asarray(value)
        window = session.window(index)
        if (window is not None and window.dtype == value.dtype and window.shape == value.shape and
                window.flags.writeable):
            window[...] = value
            return
        del window  # the traceback of an error would hold it, and it counts as a view
        self._write(index, 0, value)

    def _write(self, index: int, graph: int, value: np.ndarray,
               key: Optional[str] = None) -> None:
        session = self._open_session()
        facts, tensor = session.facts(index, graph), session.tensor(index, graph)
        check_value(index, facts, tensor, value)
        if quick.midge_tensor_is_constant(tensor):
            raise ValueError("Cannot set tensor: %d, name: %s, is a constant of the model" %
                             (index, facts.name))
        if facts.kind == _tensors.STRING:
            self._write_strings(index, graph, value, key)
            return
        if not quick.midge_tensor_data(tensor) and value.size > 0:
            raise ValueError("Cannot set tensor: Tensor is unallocated. Try calling "
                             "allocate_tensors() first")
        _tensors.write(tensor, facts.kind, value)

    def _write_strings(self, index: int, graph: int, value: np.ndarray,
                       key: Optional[str]) -> None:
        session = self._open_session()
        stored = _tensors.pack_strings(value)
        if key is None:
            if index not in session.graphs[graph].inputs:
                raise ValueError("Cannot set tensor: %d is no input" % index)
            if 0 not in self._ready:
                raise ValueError("Cannot set tensor: Tensor is unallocated. Try calling "
                                 "allocate_tensors() first")
            session.ensure_unwatched()
        session.write(index, stored, len(stored), key)

    @_in_turn
    def get_tensor(self, tensor_index: int, subgraph_index: int = 0) -> np.ndarray:
        """A copy of a tensor's value.

        Args:
            tensor_index: "index" of get_output_details().
            subgraph_index: which subgraph; 0 is the one that invoke() runs.

        Returns:
            An array of the tensor's type and shape, of a scalar NumPy's scalar. int4, int2 and
            uint4 come one element a byte; strings as an object array of bytes; sparse constants as
            a row of the stored elements.

        Raises:
            ValueError: no such tensor, or it has no value yet. Intermediate results are kept only
                with experimental_preserve_all_tensors.
        """
        session = self._open_session()
        index, graph = session.check_index(tensor_index, subgraph_index)
        window = session.window(index) if graph == 0 else None
        if window is not None:
            return window.copy() if window.ndim else window[()]
        facts = session.facts(index, graph)
        if facts.kind in (_tensors.RESOURCE, _tensors.VARIANT):
            raise ValueError("tensor %d, name: %s, is a handle and has no value" %
                             (index, facts.name))
        value = _tensors.read(session.tensor(index, graph), facts.kind, facts.sparse)
        if value is None:
            raise ValueError(_NULL)
        return value if value.ndim or facts.kind == _tensors.STRING else value[()]

    def tensor(self, tensor_index: int) -> Callable[[], np.ndarray]:
        """A function that gives an array over the tensor's own memory, without copying.

        Hold the function as long as you like. While an array of it is alive, allocate_tensors(),
        invoke() and resize_tensor_input() raise RuntimeError, since they may move the memory. An
        array stays sound even when the interpreter is gone. Arrays over constants are read-only.

        The function raises ValueError for no such tensor, for one without memory yet, and for types
        that no array can show in place (strings, int4, int2, uint4): use get_tensor() there.
        """
        return lambda: self._view(tensor_index)

    @_in_turn
    def _view(self, tensor_index: int) -> np.ndarray:
        session = self._open_session()
        index, _ = session.check_index(tensor_index)
        view = session.view(index)
        if view is not None:
            return view
        facts = session.facts(index)
        if facts.kind in _tensors.UNVIEWABLE or facts.sparse:
            raise ValueError("tensor %d holds %s, which no array can show in place; use "
                             "get_tensor()" % (index, "a sparse constant" if facts.sparse else
                                               _tensors.TYPES[facts.kind].name))
        raise ValueError(_NULL)

    @_in_turn
    def resize_tensor_input(self, input_index: int, tensor_size: Sequence[int],
                            strict: bool = False) -> None:
        """Gives an input another shape; call allocate_tensors() next.

        Args:
            input_index: "index" of get_input_details().
            tensor_size: the new shape, in elements.
            strict: refuse to change sizes that the model does not leave open (-1 in
                shape_signature).

        Raises:
            ValueError: `tensor_size` is no row of integers.
            RuntimeError: a size is negative or too large, `strict` forbids it, no such tensor, or
                arrays got from tensor() are alive.
        """
        session = self._open_session()
        session.ensure_unwatched()
        sizes = np.array(tensor_size, dtype=np.int32)
        if sizes.ndim != 1:
            raise ValueError("Shape should be 1D instead of %d." % sizes.ndim)
        if not 0 <= input_index < session.graphs[0].tensor_count:
            raise RuntimeError("Invalid tensor index %d exceeds max tensor index %d" %
                               (input_index, session.graphs[0].tensor_count - 1))
        shape = tuple(sizes.tolist())
        if any(size < 0 for size in shape):
            self._ready.discard(0)
            raise RuntimeError("Attempting to resize tensor %d to %s: a size is negative" %
                               (input_index, list(shape)))
        current = _tensors.shape_of(session.tensor(input_index))
        if strict:
            self._check_strict(input_index, current, shape)
        if shape == current:
            return
        inputs = session.graphs[0].inputs
        if input_index in inputs:
            session.forget_windows()
            session.resize(input_index, shape)
        # Shapes of other tensors follow from the inputs: there is nothing to set.
        self._ready.discard(0)

    def _check_strict(self, index: int, current: tuple, shape: tuple) -> None:
        signature = self._open_session().facts(index).signature or current
        if len(signature) != len(shape):
            raise RuntimeError("Attempting to resize tensor %d from %d dimensions to %d" %
                               (index, len(signature), len(shape)))
        for axis, (fixed, size) in enumerate(zip(signature, shape)):
            if fixed >= 0 and fixed != size:
                raise RuntimeError(
                    "Attempting to resize dimension %d of tensor %d with value %d to %d. With "
                    "strict=True only sizes that are -1 in shape_signature may change" %
                    (axis, index, fixed, size))

    @_in_turn
    def reset_all_variables(self) -> None:
        """Sets the state that the model keeps between invocations back to zero."""
        session = self._open_session()
        session.reset()

    def get_signature_list(self) -> Dict[str, Dict[str, List[str]]]:
        """Names by signature: {'add': {'inputs': ['a'], 'outputs': ['b']}}."""
        return {key: {"inputs": list(binding.inputs), "outputs": list(binding.outputs)}
                for key, binding in self._open_session().signatures.items()}

    def _get_full_signature_list(self) -> Dict[str, Dict[str, Dict[str, int]]]:
        return {key: {"inputs": dict(binding.inputs), "outputs": dict(binding.outputs)}
                for key, binding in self._open_session().signatures.items()}

    def get_signature_runner(self, signature_key: Optional[str] = None) -> SignatureRunner:
        """A callable that runs one signature. `signature_key` may be None when there is just one.

        Raises:
            ValueError: no such signature, or None where there is not exactly one.
        """
        if signature_key is None:
            if len(self._signature_defs) != 1:
                raise ValueError(
                    "SignatureDef signature_key is None and model has {0} Signatures. None is only "
                    "allowed when the model has 1 SignatureDef".format(len(self._signature_defs)))
            signature_key = next(iter(self._signature_defs))
        return SignatureRunner(interpreter=self, signature_key=signature_key)

    def num_subgraphs(self) -> int:
        """How many subgraphs the model has."""
        return len(self._open_session().graphs)

    @property
    def experimental_compress_quantization_zero_points(self) -> bool:
        return self._experimental_compress_quantization_zero_points

    def _get_op_details(self, op_index: int) -> Dict[str, Any]:
        """One node: index, op_name, inputs, outputs (tensor indices, -1 where absent) and the types
        of the present ones."""
        session = self._open_session()
        if not 0 <= op_index < session.node_count():
            raise ValueError("Invalid node index")
        node = session.node(op_index)
        inputs = np.array(node.inputs[:node.input_count], np.int32)
        outputs = np.array(node.outputs[:node.output_count], np.int32)

        def types(indices: np.ndarray) -> list:
            return [_tensors.TYPES[session.facts(int(i)).kind].numpy for i in indices if i != -1]

        return {"index": int(op_index), "op_name": text(node.op), "inputs": inputs,
                "outputs": outputs, "operand_types": types(inputs),
                "result_types": types(outputs)}

    def _get_ops_details(self) -> List[Dict[str, Any]]:
        return [self._get_op_details(i) for i in range(self._open_session().node_count())]

    def _native_handle(self) -> int:
        """The address of the midge_session, for programs that call midge.h themselves."""
        return self._open_session().handle


class InterpreterWithCustomOps(Interpreter):
    """An Interpreter with operators of one's own.

    Args:
        custom_op_registerers: must be empty: registerers of TensorFlow Lite add C++ objects, which
            midge has none of. Custom operators of midge are given through midge.h.
        **kwargs: as of Interpreter.

    Raises:
        ValueError: there are registerers.
    """

    def __init__(self, custom_op_registerers: Optional[Sequence[Any]] = None, **kwargs: Any):
        self._custom_op_registerers = custom_op_registerers or []
        if self._custom_op_registerers:
            raise ValueError("custom_op_registerers add operators of TensorFlow Lite's C++ "
                             "library, which midge does not have; give custom operators through "
                             "midge.h")
        super().__init__(**kwargs)

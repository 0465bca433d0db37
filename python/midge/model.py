# SPDX-License-Identifier: Apache-2.0
"""Models as functions from arrays to arrays."""
from __future__ import annotations

import time
from typing import Any, Dict, List, NamedTuple, Optional, Union

import numpy as np

from midge import _tensors
from midge._library import quick, text
from midge._session import Session, file_path

__all__ = ["Model", "NodeProfile", "Port", "Profile", "load"]


class Port(NamedTuple):
    """An input or output of a model. `shape` has -1 where any size is meant. A quantised one has a
    scale other than 0: real = scale * (stored - zero_point)."""
    name: str
    index: int
    shape: tuple
    dtype: Any
    scale: float
    zero_point: int


class NodeProfile(NamedTuple):
    """What one node took. `milliseconds` is the mean of one run; `kernel` is "" for plain code."""
    index: int
    op: str
    name: str
    kernel: str
    milliseconds: float
    multiply_accumulates: int


class Profile(NamedTuple):
    """Where the time of an inference goes; print it for a table."""
    milliseconds: float
    runs: int
    nodes: List[NodeProfile]

    def __str__(self) -> str:
        whole = sum(node.milliseconds for node in self.nodes) or 1.0
        lines = ["%9.3f ms each of %d runs" % (self.milliseconds, self.runs),
                 "%9s %6s %9s  %-28s %s" % ("ms", "%", "MMAC", "operator", "kernel")]
        for node in sorted(self.nodes, key=lambda node: -node.milliseconds):
            lines.append("%9.3f %6.1f %9.2f  %-28s %s" % (
                node.milliseconds, 100 * node.milliseconds / whole,
                node.multiply_accumulates / 1e6, "%d %s" % (node.index, node.op), node.kernel))
        return "\n".join(lines)


def load(model: Any, *, threads: int = 1, kernels: Optional[str] = None,
         real: bool = False) -> Model:
    """Loads a model.

    Args:
        model: path of a .tflite file, or its content as bytes.
        threads: threads that compute.
        kernels: None for the fastest that this processor has, "ref" for scalar code, or a tier's
            name as `midge kernels` prints it.
        real: give outputs that are quantised as the real numbers they stand for (float32).

    Raises:
        ValueError: not a model, or not one that midge can run; the message says why.
    """
    return Model(model, threads=threads, kernels=kernels, real=real)


class Model:
    """A model, called like a function; made by load().

        model = midge.load("model.tflite")
        scores = model(pixels)                          # one input, one output
        outputs = model({"a": a, "b": b})               # several: by name, in a dictionary
        outputs = model(a, b)                           # or in the model's order

    `inputs` and `outputs` are lists of Port. Names are those of the model's only signature, else of
    its tensors. Threads that call one model wait for one another.
    """

    def __init__(self, model: Any, *, threads: int = 1, kernels: Optional[str] = None,
                 real: bool = False):
        content = bytes(model) if isinstance(model, (bytes, bytearray, memoryview)) else None
        self._arguments = {"path": file_path(model) if content is None else None,
                           "content": content, "threads": threads, "kernels": kernels}
        self._name = "memory" if content is not None else str(model)
        self._real = real
        self._session: Optional[Session] = Session(**self._arguments)
        graph = self._session.graphs[0]
        names = self._names()
        self.inputs = [self._port(i, names) for i in graph.inputs]
        self.outputs = [self._port(i, names) for i in graph.outputs]

    def _names(self) -> Dict[int, str]:
        """Names by tensor where one signature runs the primary graph."""
        signatures = list(self._open().signatures.values())
        if len(signatures) != 1 or signatures[0].graph != 0:
            return {}
        named = list(signatures[0].inputs.items()) + list(signatures[0].outputs.items())
        return {index: name for name, index in named}

    def _open(self) -> Session:
        if self._session is None:
            raise ValueError("the model is closed")
        return self._session

    def _port(self, index: int, names: Dict[int, str]) -> Port:
        session = self._open()
        facts = session.facts(index)
        scales, zero_points, _ = session.quantization(index, 0)
        single = len(scales) == 1
        return Port(names.get(index, facts.name), index, facts.signature,
                    _tensors.TYPES[facts.kind].numpy, float(scales[0]) if single else 0.0,
                    int(zero_points[0]) if single else 0)

    @property
    def memory(self) -> int:
        """Bytes that the model needs while it runs, beside its file."""
        return quick.midge_session_memory(self._open().handle, None)

    def close(self) -> None:
        """Frees the model's memory. Closing twice does nothing."""
        self._session = None

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        def side(ports: List[Port]) -> str:
            return ", ".join("%s %s%s" % (port.name, np.dtype(port.dtype).name, list(port.shape))
                             for port in ports)
        return "<midge Model of %s: %s -> %s>" % (self._name, side(self.inputs),
                                                  side(self.outputs))

    def __call__(self, *values: Any, **named: Any) -> Union[np.ndarray, Dict[str, np.ndarray]]:
        """Runs the model.

        Args:
            *values: arrays in the order of `inputs`, or one dictionary by name.
            **named: arrays by name.
                Another shape than before resizes the input; a batch of 1 may be left out. Real
                numbers for a quantised input are quantised; otherwise types convert where NumPy
                calls it the same kind.

        Returns:
            The output, or a dictionary by name when there are several.

        Raises:
            TypeError: an input is missing, unknown or of a type that does not convert.
            RuntimeError: the model cannot be run with these shapes or values.
        """
        session = self._open()
        with session.turn():
            return self._run(session, self._arrange(values, named))

    def _run(self, session: Session, arrays: List[Any]) -> Union[np.ndarray, Dict[str, np.ndarray]]:
        for place, (port, value) in enumerate(zip(self.inputs, arrays)):
            arrays[place] = self._convert(port, np.asarray(value))
            session.resize(port.index, arrays[place].shape)
        session.prepare()
        for port, value in zip(self.inputs, arrays):
            self._write(session, port, value)
        session.invoke()
        results = [self._read(session, port) for port in self.outputs]
        if len(results) == 1:
            return results[0]
        return {port.name: result for port, result in zip(self.outputs, results)}

    def _arrange(self, values: tuple, named: Dict[str, Any]) -> List[Any]:
        """One value for each input, in their order."""
        names = [port.name for port in self.inputs]
        given = dict(named)
        if len(values) == 1 and isinstance(values[0], dict):
            given.update(values[0])
        elif len(values) > len(names):
            raise TypeError("the model has %d inputs (%s), %d were given" %
                            (len(names), ", ".join(names), len(values)))
        else:
            given.update(zip(names, values))
        unknown, missing = sorted(set(given) - set(names)), [n for n in names if n not in given]
        if unknown or missing:
            raise TypeError("the inputs are %s; %s" % (
                ", ".join(names), "there is no " + ", ".join(unknown) if unknown
                else ", ".join(missing) + " is missing"))
        return [given[name] for name in names]

    def _convert(self, port: Port, value: np.ndarray) -> np.ndarray:
        session = self._open()
        kind = session.facts(port.index).kind
        if value.ndim == len(port.shape) - 1 and port.shape[0] in (1, -1):
            value = value[np.newaxis]
        if _tensors.accepts(kind, value.dtype):
            return value
        wanted = np.dtype(port.dtype)
        if port.scale and wanted.kind in "iu" and value.dtype.kind == "f":
            limits = np.iinfo(wanted)
            stored = np.rint(value / port.scale) + port.zero_point
            return np.clip(stored, limits.min, limits.max).astype(wanted)
        if kind != _tensors.STRING and np.can_cast(value.dtype, wanted, "same_kind"):
            return value.astype(wanted)
        raise TypeError("input %s takes %s, got %s; convert it with value.astype" %
                        (port.name, wanted.name, value.dtype.name))

    @staticmethod
    def _write(session: Session, port: Port, value: np.ndarray) -> None:
        kind = session.facts(port.index).kind
        if kind == _tensors.STRING:
            stored = _tensors.pack_strings(value)
            session.write(port.index, stored, len(stored))
        else:
            _tensors.write(session.tensor(port.index), kind, value)

    def _read(self, session: Session, port: Port) -> np.ndarray:
        kind = session.facts(port.index).kind
        value = _tensors.read(session.tensor(port.index), kind)
        if value is None:
            raise RuntimeError("output %s has no value" % port.name)
        if self._real and port.scale and value.dtype.kind in "iu":
            return (value.astype(np.float32) - np.float32(port.zero_point)) * np.float32(port.scale)
        return value

    def reset(self) -> None:
        """Sets the state that the model keeps between calls back to zero."""
        self._open().reset()

    def profile(self, *values: Any, runs: int = 20, **named: Any) -> Profile:
        """Measures every node, in a session of its own.

        Args:
            *values, **named: as of a call; without them inputs are zeros.
            runs: how many runs to measure, after one that is not.
        """
        watched = Model.__new__(Model)
        watched.__dict__.update(self.__dict__)
        watched._session = Session(**self._arguments, profile=True)
        if not values and not named and self.inputs:
            values = (self._zeros(),)
        watched(*values, **named)
        session = watched._open()
        count = session.graphs[0].node_count
        before = [session.node(i).nanoseconds for i in range(count)]
        start = time.perf_counter()
        for _ in range(runs):
            session.invoke()
        whole = (time.perf_counter() - start) * 1e3 / runs
        nodes = []
        for i in range(count):
            node = session.node(i)
            name = session.facts(node.outputs[0]).name if node.output_count else ""
            nodes.append(NodeProfile(i, text(node.op), name, text(node.kernel),
                                     (node.nanoseconds - before[i]) / 1e6 / runs,
                                     node.multiply_accumulates))
        return Profile(whole, runs, nodes)

    def _zeros(self) -> Dict[str, np.ndarray]:
        zeros = {}
        for port in self.inputs:
            shape = [max(size, 1) for size in port.shape]
            zeros[port.name] = (np.full(shape, b"", object) if port.dtype is np.bytes_
                                else np.zeros(shape, port.dtype))
        return zeros

# SPDX-License-Identifier: Apache-2.0
"""Running one signature of an interpreter's model."""
from __future__ import annotations

from typing import Any, Dict, Optional

import numpy as np


class SignatureRunner:
    """Runs one signature of a model; made by Interpreter.get_signature_runner.

        runner = interpreter.get_signature_runner("add")
        total = runner(a=np.float32([1]), b=np.float32([2]))["output"]
    """

    def __init__(self, interpreter: Any = None,
                 signature_key: Optional[str] = None):
        if not interpreter:
            raise ValueError("None interpreter provided.")
        if not signature_key:
            raise ValueError("None signature_key provided.")
        session = interpreter._open_session()
        if signature_key not in session.signatures:
            raise ValueError('Invalid signature_key provided: "%s".' % (signature_key,))
        self._interpreter = interpreter
        self._signature_key = signature_key
        self._binding = session.signatures[signature_key]
        self._inputs = self._binding.inputs
        self._outputs = self._binding.outputs.items()
        self._subgraph_index = self._binding.graph

    def __call__(self, **kwargs: Any) -> Dict[str, np.ndarray]:
        """Runs the signature.

        Args:
            **kwargs: an array for each input, by the signature's names. Types must match; another
                shape than the last resizes the input.

        Returns:
            Copies of the outputs by name.

        Raises:
            ValueError: an input is missing, unknown or of the wrong type.
            RuntimeError: the model cannot be run with these shapes or values.
        """
        session = self._interpreter._open_session()
        if len(kwargs) != len(self._inputs):
            raise ValueError("Invalid number of inputs provided for running a SignatureDef, "
                             "expected %s vs provided %s; the inputs are %s" %
                             (len(self._inputs), len(kwargs), ", ".join(self._inputs)))
        values = {}
        for name, value in kwargs.items():
            if name not in self._inputs:
                raise ValueError("Invalid Input name (%s) for SignatureDef; the inputs are %s" %
                                 (name, ", ".join(self._inputs)))
            values[name] = np.asarray(value)
        with session.turn():
            return self._run(session, values)

    def _run(self, session: Any, values: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        session.forget_windows()
        for name, value in values.items():
            session.resize(self._inputs[name], value.shape, self._signature_key)
        session.prepare(self._signature_key)
        for name, value in values.items():
            self._interpreter._write(self._inputs[name], self._subgraph_index, value,
                                     self._signature_key)
        session.invoke(self._signature_key)
        self._interpreter._ready.add(self._subgraph_index)
        return {name: self._interpreter.get_tensor(index, self._subgraph_index)
                for name, index in self._outputs}

    def get_input_details(self) -> Dict[str, Dict[str, Any]]:
        """Details of the inputs by name; see Interpreter.get_input_details."""
        return {name: self._interpreter._get_tensor_details(index, self._subgraph_index)
                for name, index in self._inputs.items()}

    def get_output_details(self) -> Dict[str, Dict[str, Any]]:
        """Details of the outputs by name; see Interpreter.get_input_details."""
        return {name: self._interpreter._get_tensor_details(index, self._subgraph_index)
                for name, index in self._outputs}

    def __repr__(self) -> str:
        return "<midge SignatureRunner %s(%s) -> %s>" % (
            self._signature_key, ", ".join(self._inputs),
            ", ".join(name for name, _ in self._outputs))

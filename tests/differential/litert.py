# SPDX-License-Identifier: Apache-2.0
"""The reference runtime in a process of its own, which may crash without harm.

As a module: Reference, the caller's side. As a program: the worker, which answers requests on its
standard input. Messages are pickles behind their length. Request: (model bytes, kernels, threads,
inputs, runs) or (path, …), "inputs" or "operators" in place of inputs asks for a description;
answer: ("ok", outputs of the last run or the description) or ("error", text).
"""
import os
import pickle
import select
import struct
import subprocess
import sys

TIME_LIMIT = 60.0
LENGTH = struct.Struct("<I")


class Refusal(Exception):
    """The reference runtime does not take this model, or dies on it."""


class Reference:
    """kernels: "ref" reference kernels, "plain" optimised ones without XNNPACK, "default"."""

    def __init__(self, python=sys.executable):
        self.python = python
        self.process = None

    def run(self, model, kernels, inputs, runs=1, threads=1):
        """Outputs of the last of `runs` runs."""
        return self.ask(model, kernels, threads, inputs, runs)

    def inputs(self, model, kernels):
        """(name, shape, kind) of each."""
        return self.ask(model, kernels, 1, "inputs", 0)

    def operators(self, model, kernels="ref"):
        """(name, kinds of the inputs, kinds of the outputs) of each; kind None: absent."""
        return self.ask(model, kernels, 1, "operators", 0)

    def ask(self, *request):
        if self.process is None:
            self.process = subprocess.Popen([self.python, __file__], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        raw = pickle.dumps(request)
        try:
            self.process.stdin.write(LENGTH.pack(len(raw)) + raw)
            self.process.stdin.flush()
            answer = self.read(LENGTH.unpack(self.read(LENGTH.size))[0])
        except TimeoutError:
            self.close()
            raise Refusal(f"no answer within {TIME_LIMIT:.0f} s") from None
        except (EOFError, BrokenPipeError):
            status = self.process.wait()
            self.process = None
            raise Refusal(f"the reference runtime died with status {status}") from None
        state, value = pickle.loads(answer)
        if state != "ok":
            raise Refusal(value)
        return value

    def read(self, count):
        pieces = b""
        while len(pieces) < count:
            if not select.select([self.process.stdout], [], [], TIME_LIMIT)[0]:
                raise TimeoutError
            piece = os.read(self.process.stdout.fileno(), count - len(pieces))
            if not piece:
                raise EOFError
            pieces += piece
        return pieces

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def answer(interpreter_module, model, kernels, threads, inputs, runs):
    resolvers = interpreter_module.OpResolverType
    chosen = {"ref": resolvers.BUILTIN_REF,
              "plain": resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES}.get(kernels)
    settings = {"experimental_op_resolver_type": chosen} if chosen else {}
    source = {"model_path": model} if isinstance(model, str) else {"model_content": model}
    interpreter = interpreter_module.Interpreter(num_threads=threads, **source, **settings)
    details = interpreter.get_input_details()
    if inputs == "inputs":
        return [(detail["name"], [int(size) for size in detail["shape"]],
                 detail["dtype"].__name__) for detail in details]
    if inputs == "operators":
        kinds = {detail["index"]: detail["dtype"].__name__
                 for detail in interpreter.get_tensor_details()}
        return [(operator["op_name"], [kinds.get(index) for index in operator["inputs"]],
                 [kinds.get(index) for index in operator["outputs"]])
                for operator in interpreter._get_ops_details()]
    interpreter.allocate_tensors()
    for _ in range(runs):
        for detail, value in zip(details, inputs):
            interpreter.set_tensor(detail["index"], value)
        interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]).copy()
            for detail in interpreter.get_output_details()]


def serve():
    # Messages of the runtime must not mix with answers.
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from ai_edge_litert import interpreter
    while True:
        head = sys.stdin.buffer.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return
        request = pickle.loads(sys.stdin.buffer.read(LENGTH.unpack(head)[0]))
        try:
            reply = ("ok", answer(interpreter, *request))
        except Exception as error:  # whatever the runtime raises is its answer
            reply = ("error", f"{type(error).__name__}: {error}"[:400])
        raw = pickle.dumps(reply)
        stream.write(LENGTH.pack(len(raw)) + raw)
        stream.flush()


if __name__ == "__main__":
    serve()

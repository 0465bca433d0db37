#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One engine in a fresh process.

    peer.py ENGINE MODEL THREADS RUNS WARMUP   measures once
    peer.py ENGINE MODEL THREADS serve         runs as often as each line of its input says

The first prints a JSON object with the keys of `midge benchmark --json`. Importing the engine is
finished before the clock starts and before memory is first read, so that both count the model alone.
The second prints the lowest milliseconds for each line. onnxruntime takes the .onnx next to MODEL.
"""
import json
import os
import pathlib
import statistics
import sys
import time

import numpy as np


def resident_kb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def random_input(shape, dtype):
    random = np.random.default_rng(0)
    if np.dtype(dtype).kind == "f":
        return random.uniform(-1, 1, shape).astype(dtype)
    if np.dtype(dtype).kind == "b":
        return random.integers(0, 2, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, endpoint=True, dtype=dtype)


class LiteRT:
    def __init__(self):
        from ai_edge_litert import interpreter
        self.module = interpreter

    def load(self, path, threads):
        self.interpreter = self.module.Interpreter(model_path=path, num_threads=threads)

    def prepare(self):
        self.interpreter.allocate_tensors()

    def feed(self):
        for detail in self.interpreter.get_input_details():
            if detail["dtype"] not in (np.bytes_, np.object_):
                value = random_input(detail["shape"], detail["dtype"])
                self.interpreter.set_tensor(detail["index"], value)

    def run(self):
        self.interpreter.invoke()


class OpenVINO:
    def __init__(self):
        import openvino
        self.module = openvino

    def load(self, path, threads):
        self.core = self.module.Core()
        self.model = self.core.read_model(path)
        if self.model.is_dynamic():
            self.model.reshape({port: [size.get_length() if size.is_static else 1
                                       for size in port.partial_shape]
                                for port in self.model.inputs})
        self.settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
                         "INFERENCE_PRECISION_HINT": "f32"}

    def prepare(self):
        compiled = self.core.compile_model(self.model, "CPU", self.settings)
        self.request = compiled.create_infer_request()

    def feed(self):
        for index, port in enumerate(self.model.inputs):
            value = random_input(list(port.shape), port.element_type.to_dtype())
            self.request.set_input_tensor(index, self.module.Tensor(value))

    def run(self):
        self.request.infer()


class OnnxRuntime:
    def __init__(self):
        import onnxruntime
        self.module = onnxruntime

    def load(self, path, threads):
        self.path = pathlib.Path(path).with_suffix(".onnx")
        self.options = self.module.SessionOptions()
        self.options.intra_op_num_threads = threads
        self.options.inter_op_num_threads = 1

    def prepare(self):
        self.session = self.module.InferenceSession(str(self.path), self.options,
                                                    providers=["CPUExecutionProvider"])

    def feed(self):
        kinds = {"tensor(float)": np.float32, "tensor(int8)": np.int8, "tensor(uint8)": np.uint8}
        self.inputs = {item.name: random_input(item.shape, kinds[item.type])
                       for item in self.session.get_inputs()}

    def run(self):
        self.session.run(None, self.inputs)


ENGINES = {"litert": LiteRT, "openvino": OpenVINO, "onnxruntime": OnnxRuntime}


def timed(action, *arguments):
    start = time.perf_counter()
    action(*arguments)
    return (time.perf_counter() - start) * 1e3


def measure(engine, path, threads, runs, warmup):
    before = resident_kb()
    result = {"load_ms": timed(engine.load, path, threads), "prepare_ms": timed(engine.prepare)}
    engine.feed()
    result |= {"first_run_ms": timed(engine.run), "threads": threads, "runs": runs,
               "memory_kb": resident_kb() - before}
    for _ in range(warmup):
        engine.run()
    times = sorted(timed(engine.run) for _ in range(runs))
    if times:
        result |= {"min_ms": times[0], "median_ms": statistics.median(times),
                   "p95_ms": times[min(runs - 1, runs * 95 // 100)]}
    return result


def serve(engine, path, threads, answers):
    engine.load(path, threads)
    engine.prepare()
    engine.feed()
    engine.run()
    for line in sys.stdin:
        print(min(timed(engine.run) for _ in range(int(line))), file=answers, flush=True)


def main():
    name, path, threads, runs = sys.argv[1:5]
    # An engine's own messages must not mix with the result.
    result_file = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if runs == "serve":
        serve(ENGINES[name](), path, int(threads), result_file)
        return
    print(json.dumps(measure(ENGINES[name](), path, int(threads), int(runs), int(sys.argv[5]))),
          file=result_file)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Calls the interpreter as well-known programs do, in our words, and prints results.

usage: patterns.py frigate|pycoral|picamera2|doods|openwakeword|detector MODEL…

With REFERENCE_KERNELS in the environment interpreters compute with reference kernels, to which
integer results can be compared exactly.
"""
import collections
import functools
import os
import queue
import sys
import threading

import numpy as np

try:
    from tflite_runtime.interpreter import Interpreter, OpResolverType, load_delegate
except ModuleNotFoundError:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType, load_delegate

if "REFERENCE_KERNELS" in os.environ:
    Interpreter = functools.partial(Interpreter,
                                    experimental_op_resolver_type=OpResolverType.BUILTIN_REF)


def picture(shape, dtype, seed=0):
    """Blurred noise, so that networks have something to see."""
    noise = np.random.default_rng(seed).uniform(0, 255, shape)
    for axis in (1, 2):
        for _ in range(4):
            noise = (noise + np.roll(noise, 1, axis) + np.roll(noise, -1, axis)) / 3
    scaled = np.clip((noise - noise.mean()) * 6 + 128, 0, 255)
    if np.dtype(dtype) == np.int8:
        return (scaled - 128).astype(np.int8)
    return scaled.astype(dtype)


def show(*rows):
    for row in rows:
        print(" ".join("%.5f" % value for value in np.asarray(row, np.float64).ravel()))


def frigate(path):
    """A delegate is tried and found missing; frames are set, outputs looked at in place."""
    try:
        load_delegate("libedgetpu.so.1.0", {"device": "usb"})
        print("there is a device")
    except (ValueError, OSError):
        print("no device")
    interpreter = Interpreter(model_path=path, num_threads=3)
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    for seed in range(3):
        frame = picture(inputs[0]["shape"], inputs[0]["dtype"], seed)
        interpreter.set_tensor(inputs[0]["index"], frame)
        interpreter.invoke()
        show(interpreter.tensor(outputs[0]["index"])()[0])


def detector(path):
    """Boxes, classes, scores and their count, each looked at in place."""
    interpreter = Interpreter(model_path=path, num_threads=3)
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    for seed in range(3):
        for about in inputs:
            value = np.random.default_rng(seed).uniform(-1, 1, about["shape"])
            interpreter.set_tensor(about["index"], value.astype(about["dtype"]))
        interpreter.invoke()
        boxes, classes, scores, count = (interpreter.tensor(outputs[i]["index"])()[0]
                                         for i in range(4))
        found = np.zeros((20, 6), np.float32)
        for i in range(int(count)):
            if scores[i] < 0.1 or i == 20:
                break
            found[i] = [classes[i], scores[i], *boxes[i]]
        show(found)
        del boxes, classes, scores, count


def pycoral(*models):
    """Frames written into the input in place; results dequantised, classes sorted, maps drawn."""
    for path in models:
        interpreter = Interpreter(model_path=path)
        interpreter.allocate_tensors()
        about = interpreter.get_input_details()[0]
        _, height, width, _ = about["shape"]
        print(width, height)
        view = interpreter.tensor(about["index"])()[0]
        view[:, :] = picture(about["shape"], about["dtype"])[0]
        del view
        interpreter.invoke()
        about = interpreter.get_output_details()[0]
        values = interpreter.tensor(about["index"])()
        if values.ndim == 2:
            scale, zero_point = about["quantization"]
            scores = scale * (values[0].astype(np.int64) - zero_point)
            Class = collections.namedtuple("Class", ["id", "score"])
            top = sorted((Class(i, scores[i]) for i in np.where(scores >= 0.1)[0]),
                         key=lambda one: -one.score)[:3]
            show([one.score for one in top], scores)
        else:
            mask = values[0].argmax(-1) if values.shape[-1] > 1 and values.ndim == 4 else values[0]
            show(np.bincount(mask.ravel().astype(int), minlength=21) / mask.size)


def picamera2(path):
    """A new interpreter for every frame."""
    for seed in range(4):
        interpreter = Interpreter(model_path=path, num_threads=4)
        interpreter.allocate_tensors()
        about = interpreter.get_input_details()[0]
        interpreter.set_tensor(about["index"], picture(about["shape"], about["dtype"], seed))
        interpreter.invoke()
        show(np.squeeze(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])))


def doods(path):
    """A pool of interpreters for all threads; details of the first serve all."""
    pool, results = queue.Queue(), {}
    for _ in range(3):
        interpreter = Interpreter(model_path=path, num_threads=1)
        interpreter.allocate_tensors()
        pool.put(interpreter)
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()

    def serve(seed):
        borrowed = pool.get()
        borrowed.set_tensor(inputs[0]["index"],
                            picture(inputs[0]["shape"], inputs[0]["dtype"], seed))
        borrowed.invoke()
        results[seed] = borrowed.get_tensor(outputs[0]["index"])
        pool.put(borrowed)

    threads = [threading.Thread(target=serve, args=(seed,)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    show(*(results[seed] for seed in range(5)))


def openwakeword(spectrogram, embedding):
    """Inputs change their shape from call to call, strictly; one model feeds the other."""
    first, second = (Interpreter(model_path=path, num_threads=1) for path in (spectrogram,
                                                                              embedding))
    into, out = first.get_input_details()[0]["index"], first.get_output_details()[0]["index"]
    sound = np.random.default_rng(3).normal(0, 3000, 40000).astype(np.int16)
    stored = np.zeros((0, 32), np.float32)
    for begin, end in ((0, 1760), (1280, 4320), (1280, 4320), (4000, 20000), (20000, 40000)):
        chunk = sound[None, begin:end].astype(np.float32)
        first.resize_tensor_input(into, chunk.shape, strict=True)
        first.allocate_tensors()
        first.set_tensor(into, chunk)
        first.invoke()
        spectrum = np.squeeze(first.get_tensor(out)) / 10 + 2
        show(spectrum.mean(0))
        stored = np.vstack((stored, spectrum))
    into, out = second.get_input_details()[0]["index"], second.get_output_details()[0]["index"]
    windows = [stored[i:i + 76] for i in range(0, len(stored) - 76, 8)]
    for count in (1, 4, 2, len(windows)):
        batch = np.expand_dims(np.array(windows[:count], np.float32), -1)
        second.resize_tensor_input(into, batch.shape, strict=True)
        second.allocate_tensors()
        second.set_tensor(into, batch)
        second.invoke()
        show(np.squeeze(second.get_tensor(out)))


PATTERNS = {each.__name__: each for each in (frigate, detector, pycoral, picamera2, doods,
                                             openwakeword)}
PATTERNS[sys.argv[1]](*sys.argv[2:])

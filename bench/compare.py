#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""midge and its peers side by side, measured in one run on this machine.

    compare.py [--cli build/midge] [--models GLOB] [--threads 1,2] [--quick] [--json FILE]

Prints the times of every model with the ratio that counts, its target and whether it is met; then
open to first result, memory added, the gain of a second thread, the library's size, and a summary of
all targets, and for each that is missed what limits it. verdicts.py holds the targets, limits.py
says what is measured there, measure.py how times are taken. Peers: LiteRT for
every model, OpenVINO and onnxruntime for float and int8 networks; what is not installed is named as
absent, --litert-only leaves the others out.
"""
import argparse
import fnmatch
import importlib.util
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import limits
import measure
import python_env
import verdicts

SHARED_MODELS = ROOT.parent / "shared" / "models"
OPTIONAL = {"openvino": "openvino", "onnxruntime": "onnxruntime", "onnx": "onnx"}


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cli", type=pathlib.Path, default=ROOT / "build" / "midge")
    arguments.add_argument("--library", type=pathlib.Path, help="default: next to the command")
    arguments.add_argument("--litert-only", action="store_true", help="no other peer")
    arguments.add_argument("--models", default="*", help="globs over model names, by commas")
    arguments.add_argument("--model-folder", type=pathlib.Path,
                           default=ROOT / "build" / "bench-models", help="of made models")
    arguments.add_argument("--threads", default="1,2")
    arguments.add_argument("--turns", type=int, default=8, help="turns of each engine")
    arguments.add_argument("--quick", action="store_true", help="one thread, three turns")
    arguments.add_argument("--json", type=pathlib.Path)
    return arguments.parse_args()


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model", "Hardware")):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def wanted(name, globs):
    return any(fnmatch.fnmatch(name, glob) for glob in globs.split(","))


def models_to_measure(options, twins):
    """Built-in models, made networks, and all files of the shared folder if it is there."""
    import make_models
    names = [name for name in make_models.EVERY if wanted(name, options.models)]
    found = [ROOT / "models" / f"fashion_mnist_{kind}.tflite" for kind in ("float", "int8")]
    found += make_models.make(names, options.model_folder, twins)
    found += sorted(SHARED_MODELS.glob("*/*.tflite"))
    return [path for path in found if path.exists() and wanted(path.stem, options.models)]


def find_engines(options):
    """(engines, names and reasons of those that are absent)."""
    engines, absent = [], []
    if options.cli.exists():
        engines.append(measure.Midge(options.cli))
    else:
        absent.append(f"midge (no {options.cli})")
    for name in ("litert",) if options.litert_only else verdicts.BEST:
        if importlib.util.find_spec(measure.MODULES[name]):
            engines.append(measure.Peer(name))
        else:
            absent.append(name)
    return engines, absent


def engines_for(engines, model):
    """Those that the model is measured with; onnxruntime only where there is a twin."""
    peers = verdicts.class_of(model.stem).peers
    return [engine for engine in engines
            if engine.name == "midge" or (engine.name in peers and (
                engine.name != "onnxruntime" or model.with_suffix(".onnx").exists()))]


def stripped_size(library):
    """Bytes of a library without what only debuggers read, as packages ship it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "library"
        shutil.copyfile(library, copy)
        if shutil.which("strip"):
            subprocess.run(["strip", str(copy)], check=False)
        return copy.stat().st_size


def litert_size():
    """Bytes of the libraries that a program with LiteRT loads; they come stripped."""
    folder = pathlib.Path(importlib.util.find_spec("ai_edge_litert").origin).parent
    return sum((folder / name).stat().st_size
               for name in ("libLiteRt.so", "libpywrap_litert_common.so")
               if (folder / name).exists())


def library_line(options):
    library = options.library or options.cli.parent / "libmidge.so"
    if not library.exists():
        return "library: absent"
    ours, theirs = stripped_size(library), litert_size()
    met = verdicts.verdict(ours, verdicts.LIBRARY_TARGET)
    return (f"library, all tiers, stripped: {ours:,} bytes, target {verdicts.LIBRARY_TARGET:,}: "
            f"{met}; litert {theirs:,}, ratio {ours / theirs:.3f}")


def measure_all(options, engines, models, threads):
    """Results so far when it is interrupted: a long run is worth what it has measured."""
    measured, started = [], {}
    try:
        for number, model in enumerate(models):
            chosen = engines_for(engines, model)
            turns = 3 if options.quick else options.turns
            for count in threads:
                ms, failures = measure.latency(chosen, model, count, turns)
                measured.append(verdicts.Measurement(model.stem, count, ms, failures))
            fresh = [engine for engine in chosen if engine.name in ("midge", "litert")]
            started[model.stem] = measure.cold_start(fresh, model, 3 if options.quick else 5)
            if sys.stderr.isatty():
                print(f"\r{number + 1} of {len(models)} models\033[K", end="", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"interrupted: {len(started)} of {len(models)} models measured\n")
    return measured, started


def print_failures(measured):
    told = set()
    for item in measured:
        for name, reason in item.failures.items():
            if (item.model, name) not in told:
                told.add((item.model, name))
                print(f"not measured: {item.model} with {name}: {reason}")


def print_all(options, measured, started, names, threads):
    print(verdicts.latency_table(measured, names))
    print_failures(measured)
    print("\n" + verdicts.start_table(started, "open_ms", verdicts.START_TARGET,
                                      verdicts.START_MODELS))
    print("\n" + verdicts.start_table(started, "memory_kb", verdicts.MEMORY_TARGET, None))
    if len(threads) > 1:
        print("\n" + verdicts.speed_up_table(measured))
    print("\n" + library_line(options))
    rows = [row for count in threads for row in verdicts.class_rows(measured, count)]
    print("\n" + verdicts.table(["summary", "threads", "mean", "worst", "of model", "target",
                                 "models", "verdict"], rows))


def main():
    options = parse_arguments()
    optional = {} if options.litert_only else OPTIONAL
    reason = python_env.continue_in(python_env.LITERT, "venv-bench", optional)
    if reason:
        raise SystemExit(f"compare.py: no LiteRT to compare with: {reason}")
    engines, absent = find_engines(options)
    threads = [1] if options.quick else [int(count) for count in options.threads.split(",")]
    load = os.getloadavg()[0]
    print(f"{processor()}, {os.cpu_count()} CPUs, {platform.machine()}, Linux {platform.release()}, "
          f"load {load:.1f}")
    print(", ".join(f"{engine.name} {engine.version}" for engine in engines)
          + (f"; absent: {', '.join(absent)}" if absent else "") + "\n")
    twins = any(engine.name == "onnxruntime" for engine in engines) \
        and importlib.util.find_spec("onnx") is not None
    models = models_to_measure(options, twins)
    measured, started = measure_all(options, engines, models, threads)
    print_all(options, measured, started, [engine.name for engine in engines], threads)
    if engines[0].name == "midge":
        limits.print_limits(engines[0], measured, started, {path.stem: path for path in models})
    if options.json:
        report = {"cpu": processor(), "load": load, "absent": absent,
                  "engines": {engine.name: engine.version for engine in engines},
                  "latency": [vars(item) for item in measured], "start": started}
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()

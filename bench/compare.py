#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""midge and its peers side by side, measured in one run on this machine.

    compare.py [--cli build/midge] [--peers] [--models GLOB] [--threads 1,2] [--quick] [--json FILE]

Every figure comes from fresh processes, and the engines take turns, so that a change in the load of
the machine hits all of them. Latency: lowest and median of all runs. Open: the model file opened,
prepared and run once. Memory: what the process grew by over that. The peers are called from Python;
importing them is outside every figure except "process", the whole command from start to exit.
A peer that is not installed is named as absent; --peers installs OpenVINO too.
"""
import argparse
import fnmatch
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import python_env

PACKAGES = {"litert": "ai_edge_litert", "openvino": "openvino"}
DISTRIBUTIONS = {"litert": "ai-edge-litert", "openvino": "openvino"}
SHARED_MODELS = ROOT.parent / "shared" / "models"
PUBLISHED = ("coral/mobilenet_v1_0.25_128_quant", "coral/mobilenet_v2_1.0_224_quant",
             "coral/tf2_mobilenet_v2_1.0_224_ptq", "coral/movenet_single_pose_lightning_ptq",
             "coral/deeplabv3_mnv2_dm05_pascal_quant", "mlperf_tiny/ad01_fp32",
             "mlperf_tiny/ad01_int8", "mlperf_tiny/kws_ref_model",
             "mlperf_tiny/pretrainedResnet", "mlperf_tiny/pretrainedResnet_quant",
             "mlperf_tiny/vww_96_float", "mlperf_tiny/vww_96_int8",
             "tflite_micro/person_detect", "tflite_micro/keyword_scrambled_8bit",
             "tflite_micro/trained_lstm", "tflite_micro/trained_lstm_int8")
BUDGET_MS = 400  # of runs of one engine in one turn


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cli", type=pathlib.Path, default=ROOT / "build" / "midge")
    arguments.add_argument("--library", type=pathlib.Path, default=ROOT / "build" / "libmidge.so")
    arguments.add_argument("--peers", action="store_true", help="OpenVINO too")
    arguments.add_argument("--models", default="*", help="glob over model names")
    arguments.add_argument("--all", action="store_true",
                           help="EfficientNet-B0, ResNet-50, U-Net and every number format too")
    arguments.add_argument("--threads", default="1,2")
    arguments.add_argument("--turns", type=int, default=5, help="turns of each engine")
    arguments.add_argument("--quick", action="store_true", help="one thread, two turns")
    arguments.add_argument("--json", type=pathlib.Path)
    return arguments.parse_args()


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model", "Hardware")):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


class Midge:
    name = "midge"

    def __init__(self, cli):
        self.cli = cli
        done = subprocess.run([cli, "--version"], capture_output=True, text=True)
        self.version = done.stdout.split()[-1] if done.stdout else "?"

    def measure(self, model, threads, runs, warmup):
        return run_json([self.cli, "benchmark", model, "--threads", threads, "--runs", runs,
                         "--warmup", warmup, "--json"])

    def process_command(self, model):
        return [self.cli, "run", model, "--seed", "1"]


class Peer:
    def __init__(self, name):
        self.name = name
        self.version = importlib.metadata.version(DISTRIBUTIONS[name])

    def measure(self, model, threads, runs, warmup):
        return run_json([sys.executable, ROOT / "bench" / "peer.py", self.name, model, threads,
                         runs, warmup])

    def process_command(self, model):
        return [sys.executable, ROOT / "bench" / "peer.py", self.name, model, 1, 0, 0]


def run_json(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=600)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        return {"failure": lines[-1][:160]}
    result = json.loads(done.stdout)
    return result[0] if isinstance(result, list) else result


def process_ms(command, times):
    """Lowest wall time of a whole command."""
    command = [str(part) for part in command]
    lowest = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode:
            return None
        lowest = min(lowest, (time.perf_counter() - start) * 1e3)
    return lowest


def measure_model(engines, model, threads, turns):
    """Figures by engine name; engines take turns, and every second round goes backwards."""
    found = {engine.name: [] for engine in engines}
    runs = {}
    for engine in engines:
        trial = engine.measure(model, threads, 3, 1)
        if "failure" in trial:
            found[engine.name] = trial
            continue
        runs[engine.name] = max(5, min(2000, int(BUDGET_MS / max(trial["min_ms"], 1e-3))))
    for turn in range(turns):
        for engine in engines if turn % 2 == 0 else engines[::-1]:
            if engine.name in runs:
                found[engine.name].append(engine.measure(model, threads, runs[engine.name], 2))
    return {name: joined(items) for name, items in found.items()}


def joined(items):
    if isinstance(items, dict):
        return items
    failed = next((item for item in items if "failure" in item), None)
    if failed:
        return failed
    opened = [item["load_ms"] + item["prepare_ms"] + item["first_run_ms"] for item in items]
    return {"min_ms": min(item["min_ms"] for item in items),
            "median_ms": statistics.median(item["median_ms"] for item in items),
            "open_ms": statistics.median(opened),
            "memory_kb": statistics.median(item["memory_kb"] for item in items)}


def stripped_size(library):
    """Bytes of a library without what only debuggers read, as packages ship it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "library"
        shutil.copyfile(library, copy)
        if shutil.which("strip"):
            subprocess.run(["strip", str(copy)], check=False)
        return copy.stat().st_size


def libraries(options):
    """Bytes of what a program has to carry, by engine. The peer's files come stripped."""
    sizes = {}
    if options.library.exists():
        sizes["midge"] = stripped_size(options.library)
    litert = importlib.util.find_spec("ai_edge_litert")
    if litert:
        folder = pathlib.Path(litert.origin).parent
        sizes["litert"] = sum((folder / name).stat().st_size for name in
                              ("libLiteRt.so", "libpywrap_litert_common.so")
                              if (folder / name).exists())
    return sizes


def models_to_measure(options):
    import make_models
    found = [ROOT / "models" / f"fashion_mnist_{kind}.tflite" for kind in ("float", "int8")]
    names = make_models.EVERY if options.all else make_models.USUAL
    wanted = [name for name in names if fnmatch.fnmatch(name, options.models)]
    found += make_models.make(wanted, ROOT / "build" / "bench-models")
    found += [SHARED_MODELS / f"{name}.tflite" for name in PUBLISHED]
    return [path for path in found if path.exists() and fnmatch.fnmatch(path.stem, options.models)]


def figure(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}" if ours is not None and theirs else "-"


def print_table(heading, rows):
    widths = [max(len(str(row[n])) for row in [heading, *rows]) for n in range(len(heading))]
    for row in [heading, *rows]:
        cells = [str(cell).ljust(width) if n == 0 else str(cell).rjust(width)
                 for n, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def print_latency(results, names):
    heading = ["latency [ms]", "threads"]
    for name in names:
        heading += [f"{name} min", "median"] + ([] if name == "midge" else ["ratio"])
    rows = []
    for item in results:
        row = [item["model"], item["threads"]]
        ours = item["engines"].get("midge", {}).get("min_ms")
        for name in names:
            got = item["engines"].get(name, {})
            row += [figure(got.get("min_ms"), 3), figure(got.get("median_ms"), 3)]
            row += [] if name == "midge" else [ratio(ours, got.get("min_ms"))]
        rows.append(row)
    print_table(heading, rows)


def print_start(results, names):
    heading = ["one thread"]
    columns = (("open_ms", "open ms"), ("process_ms", "process ms"), ("memory_kb", "memory kB"))
    for _, title in columns:
        heading += [f"{name} {title}" for name in names] + ["ratio"]
    rows = []
    for item in results:
        if item["threads"] != 1:
            continue
        row = [item["model"]]
        for key, _ in columns:
            values = {name: item["engines"].get(name, {}).get(key) for name in names}
            row += [figure(values[name], 0 if key == "memory_kb" else 2) for name in names]
            row.append(ratio(values.get("midge"), values.get("litert")))
        rows.append(row)
    print("\nOpen: file to first result, inside the process. Process: the whole command. Ratio: "
          "midge / litert.")
    print_table(heading, rows)


def main():
    options = parse_arguments()
    optional = {"openvino": "openvino"} if options.peers else {}
    reason = python_env.continue_in(python_env.LITERT, "venv-bench", optional)
    if reason:
        raise SystemExit(f"compare.py: no LiteRT to compare with: {reason}")
    engines, absent = [], []
    if options.cli.exists():
        engines.append(Midge(str(options.cli)))
    else:
        absent.append(f"midge (no {options.cli})")
    for name in ("litert", "openvino") if options.peers else ("litert",):
        if importlib.util.find_spec(PACKAGES[name]):
            engines.append(Peer(name))
        else:
            absent.append(name)
    threads = [1] if options.quick else [int(count) for count in options.threads.split(",")]
    machine = {"machine": platform.machine(), "cpu": processor(), "cpus": os.cpu_count(),
               "kernel": platform.release(), "load": os.getloadavg()[0],
               "engines": {engine.name: engine.version for engine in engines}, "absent": absent}
    print(f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['machine']}, "
          f"Linux {machine['kernel']}, load {machine['load']:.1f}")
    print(", ".join(f"{engine.name} {engine.version}" for engine in engines)
          + (f"; absent: {', '.join(absent)}" if absent else ""))

    results = []
    for model in models_to_measure(options):
        for count in threads:
            got = measure_model(engines, model, count, 2 if options.quick else options.turns)
            for engine in engines:
                if count == 1 and "failure" not in got[engine.name]:
                    got[engine.name]["process_ms"] = process_ms(engine.process_command(model), 3)
                if "failure" in got[engine.name]:
                    print(f"{model.stem}: {engine.name}: {got[engine.name]['failure']}",
                          file=sys.stderr)
            results.append({"model": model.stem, "threads": count, "engines": got})
            if sys.stderr.isatty():
                print(f"\r{len(results)} measured\033[K", end="", file=sys.stderr)
    names = [engine.name for engine in engines]
    print_latency(results, names)
    print_start(results, names)
    sizes = libraries(options)
    print("\nlibrary [bytes]: " + ", ".join(f"{name} {size:,}" for name, size in sizes.items())
          + (f", ratio {sizes['midge'] / sizes['litert']:.3f}"
             if {"midge", "litert"} <= sizes.keys() else ""))
    if options.json:
        report = {**machine, "libraries": sizes, "results": results}
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Engines and how their figures are taken, so that they hold on a machine that does other work.

Each engine is a process that keeps one prepared model and runs it when asked. The engines of a
model take short turns, one after the other and every second round backwards, so that a change in the
load of the machine hits all of them; the lowest time counts. Cold starts are processes of their own.
"""
import importlib.metadata
import json
import statistics
import subprocess
import sys
import time
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
DISTRIBUTIONS = {"litert": "ai-edge-litert", "openvino": "openvino", "onnxruntime": "onnxruntime"}
MODULES = {"litert": "ai_edge_litert", "openvino": "openvino", "onnxruntime": "onnxruntime"}
TURN_MS = 120  # of runs of one engine in one turn
LEAST_RUNS = 3
MOST_RUNS = 2000


class Failure(Exception):
    """An engine did not do what it was asked; the text is its last word."""


def run_json(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=600)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise Failure(lines[-1][:160])
    result = json.loads(done.stdout)
    return result[0] if isinstance(result, list) else result


class Midge:
    """The command `midge benchmark`, a new process each turn. It maps the file, as the peers do."""

    def __init__(self, cli, name="midge"):
        self.cli, self.name = str(cli), name
        done = subprocess.run([self.cli, "--version"], capture_output=True, text=True)
        self.version = done.stdout.split()[-1] if done.stdout else "?"
        listed = subprocess.run([self.cli, "benchmark", "--help"], capture_output=True, text=True)
        self.map = ["--map"] if "--map" in listed.stdout else []

    def benchmark_command(self, model, threads, runs, warmup=2):
        return [str(part) for part in (self.cli, "benchmark", model, "--threads", threads, "--runs",
                                       runs, "--warmup", warmup, "--json", *self.map)]

    def measure(self, model, threads, runs, warmup=2):
        return run_json(self.benchmark_command(model, threads, runs, warmup))

    def profile(self, model, threads, runs):
        return run_json([*self.benchmark_command(model, threads, runs), "--profile"])

    def start(self, model, threads):
        return MidgeModel(self, model, threads)

    def process_command(self, model):
        return [self.cli, "run", model, "--seed", "1"]


class MidgeModel:
    def __init__(self, engine, model, threads):
        self.engine, self.model, self.threads = engine, model, threads

    def run(self, runs):
        return self.engine.measure(self.model, self.threads, runs)["min_ms"]

    def close(self):
        pass


class Peer:
    """An engine behind peer.py."""

    def __init__(self, name):
        self.name = name
        self.version = importlib.metadata.version(DISTRIBUTIONS[name])

    def command(self, model, threads, *rest):
        return [sys.executable, str(HERE / "peer.py"), self.name, str(model), str(threads),
                *[str(part) for part in rest]]

    def measure(self, model, threads, runs, warmup=2):
        return run_json(self.command(model, threads, runs, warmup))

    def start(self, model, threads):
        return PeerModel(self.command(model, threads, "serve"))

    def process_command(self, model):
        return self.command(model, 1, 0, 0)


class PeerModel:
    """A peer's process that waits between its turns."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def run(self, runs):
        try:
            self.process.stdin.write(f"{runs}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            self.process.kill()
            lines = self.process.communicate()[1].strip().splitlines() or ["it ended"]
            raise Failure(lines[-1][:160])
        return float(line)

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(timeout=60)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


def start_all(engines, model, threads):
    """(prepared models, runs a turn, failures) by engine name."""
    started, runs, failures = {}, {}, {}
    for engine in engines:
        try:
            prepared = engine.start(model, threads)
            trial = prepared.run(2)
            started[engine.name] = prepared
            runs[engine.name] = max(LEAST_RUNS, min(MOST_RUNS, int(TURN_MS / max(trial, 1e-3))))
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            failures[engine.name] = str(failure)
    return started, runs, failures


def latency(engines, model, threads, turns):
    """Lowest milliseconds by engine name, and failures by engine name."""
    started, runs, failures = start_all(engines, model, threads)
    lowest = {name: float("inf") for name in started}
    try:
        for turn in range(turns):
            order = list(started) if turn % 2 == 0 else list(started)[::-1]
            for name in order:
                if name not in failures:
                    try:
                        lowest[name] = min(lowest[name], started[name].run(runs[name]))
                    except Failure as failure:
                        failures[name] = str(failure)
    finally:
        for prepared in started.values():
            prepared.close()
    return {name: ms for name, ms in lowest.items() if name not in failures}, failures


def cold_start(engines, model, times):
    """By engine name: open_ms, file to first result in a fresh process, the lowest, and memory_kb,
    what the process grew by over that, the median. One thread."""
    found = {engine.name: [] for engine in engines}
    for turn in range(times):
        for engine in engines if turn % 2 == 0 else engines[::-1]:
            try:
                found[engine.name].append(engine.measure(model, 1, 1, 0))
            except Failure:
                found[engine.name] = []
                break
    return {name: {"open_ms": min(item["load_ms"] + item["prepare_ms"] + item["first_run_ms"]
                                  for item in items),
                   "memory_kb": statistics.median(item["memory_kb"] for item in items)}
            for name, items in found.items() if items}


def process_ms(command, times=3):
    """Lowest wall time of a whole command, None when it fails."""
    lowest = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        done = subprocess.run([str(part) for part in command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        if done.returncode:
            return None
        lowest = min(lowest, (time.perf_counter() - start) * 1e3)
    return lowest

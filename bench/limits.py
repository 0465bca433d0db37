# SPDX-License-Identifier: Apache-2.0
"""For each target that is missed: what this machine allows, measured, and where the time goes.

A network's products at the rate that the matrix kernels reach in the first-level cache
(midge_session_peak) are its floor; a target may lie below it. Cold starts are held against a single
warm inference, memory against the file, a second thread against two processes that do not share
anything but the machine.
"""
import json
import subprocess

import verdicts

PROFILES = 5  # of each node's times the lowest counts
PROFILED_RUNS = 8


def profile(engine, model, threads):
    """Milliseconds of a network: floor (all products at peak), products, rest (nodes without)."""
    profiles = [engine.profile(model, threads, PROFILED_RUNS)["profile"] for _ in range(PROFILES)]
    by_node = list(zip(*profiles))
    nodes = [min(times, key=lambda node: node["ms"]) for times in by_node]
    return {"floor": sum(min(node["least_ms"] for node in times) for times in by_node),
            "products": sum(node["ms"] for node in nodes if node["macs"]),
            "rest": sum(node["ms"] for node in nodes if not node["macs"]),
            "dots": sum(node["ms"] for node in nodes if node["kernel"].startswith("dot_"))}


def why_slow(found, wanted, model):
    if wanted < found["floor"]:
        return "below what all products take at the peak"
    if found["dots"] > 0.5 * (found["products"] + found["rest"]):
        size = model.stat().st_size
        return (f"reads {size / 1e6:.2f} MB of weights once, at "
                f"{size / found['dots'] / 1e6:.0f} GB/s")
    return (f"products reach {found['floor'] / max(found['products'], 1e-9):.0%} of the peak"
            + (f", {found['rest']:.3f} ms are not products" if found["rest"] > 0.001 else ""))


def latency_rows(engine, measured, paths):
    for item in measured:
        found, target = item.ratio(), verdicts.class_of(item.model).target
        if not found or not target or found[0] <= target:
            continue
        best = item.ms[found[1]]
        wanted = target * best
        limits = profile(engine, paths[item.model], item.threads)
        shares = [f"{limits['floor'] / ms:.0%}" for ms in (item.ms["midge"], best, wanted)]
        yield [item.model, item.threads, verdicts.number(item.ms["midge"]),
               verdicts.number(wanted), verdicts.number(limits["floor"]), *shares,
               why_slow(limits, wanted, paths[item.model])]


def start_rows(measured, started, paths):
    one = {item.model: item.ms.get("midge") for item in measured if item.threads == 1}
    for model in verdicts.START_MODELS:
        found = started.get(model, {})
        if not {"midge", "litert"} <= found.keys() or not one.get(model):
            continue
        ours, theirs = found["midge"]["open_ms"], found["litert"]["open_ms"]
        wanted = verdicts.START_TARGET * theirs
        if ours > wanted:
            yield ["open to first result, ms", model, verdicts.number(ours),
                   verdicts.number(wanted),
                   f"one warm inference takes {one[model]:.1f}, all else {ours - one[model]:.1f}"]
    for model, found in started.items():
        if not {"midge", "litert"} <= found.keys():
            continue
        ours, theirs = found["midge"]["memory_kb"], found["litert"]["memory_kb"]
        wanted = verdicts.MEMORY_TARGET * theirs
        if ours > wanted:
            size = paths[model].stat().st_size / 1024
            yield ["memory added, kB", model, verdicts.number(ours), verdicts.number(wanted),
                   f"the file itself, mapped, is {size:.0f}"]


def apart_ms(engine, model, runs):
    """The mean of two processes' median milliseconds that run the model at the same time."""
    command = engine.benchmark_command(model, 1, runs)
    pair = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    return sum(json.loads(process.communicate()[0])["median_ms"] for process in pair) / 2


def speed_up_rows(engine, measured, paths):
    for model, one, two in verdicts.speed_ups(measured):
        if one <= verdicts.LARGE_MS or one / two >= verdicts.SPEED_UP_TARGET:
            continue
        apart = min(apart_ms(engine, paths[model], int(600 / one) + 3) for _ in range(3))
        yield ["two threads over one", model, f"{one / two:.2f}",
               f"{verdicts.SPEED_UP_TARGET}",
               f"two processes that share no work do {2 * one / apart:.2f} times as much as one"]


def print_limits(engine, measured, started, paths):
    """Tables of all that is missed; nothing where nothing is."""
    rows = list(latency_rows(engine, measured, paths))
    if rows:
        print("\n" + verdicts.table(
            ["missed", "threads", "midge, ms", "wanted", "at peak", "midge of peak",
             "best of peak", "wanted of peak", "limit"], rows, left=(0, 8)))
    rows = [*start_rows(measured, started, paths), *speed_up_rows(engine, measured, paths)]
    if rows:
        print("\n" + verdicts.table(["missed", "model", "midge", "wanted", "limit"], rows,
                                    left=(0, 1, 4)))

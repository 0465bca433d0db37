# SPDX-License-Identifier: Apache-2.0
"""What is to be reached: classes of models, the peers each is held against, the ratio wanted; and the
tables that say whether it is. Ratios are midge / peer, below 1 midge is ahead."""
import dataclasses
import fnmatch
import math

BEST = ("litert", "openvino", "onnxruntime")
LITERT = ("litert",)


@dataclasses.dataclass
class Class:
    name: str
    target: float      # None: told, not judged
    peers: tuple
    models: tuple      # globs; the first class that matches has the model


CLASSES = (
    Class("float, 1x1-heavy", 0.95, BEST,
          ("mobilenet_v[12]_float", "efficientnet_b0_float", "vww_96_float")),
    Class("float, 3x3-heavy", 0.75, BEST,
          ("resnet50_float", "unet_float", "pretrainedResnet", "fashion_mnist_float")),
    Class("dynamic range, float16", 0.70, LITERT, ("*_dynamic", "*_float16")),
    Class("LSTM, SVDF, keywords, anomalies, hello", 0.60, LITERT,
          ("*lstm*", "dtln*", "keyword*", "micro_speech*", "kws*", "ad01*", "hello_world*",
           "audio_preprocessor*")),
    Class("uint8", 0.30, LITERT,
          ("mobilenet_v[12]_uint8", "efficientnet_b0_uint8", "resnet50_uint8", "unet_uint8",
           "mobilenet_v1_0.25_128_quant", "mobilenet_v1_1.0_224_quant*",
           "mobilenet_v2_1.0_224_quant", "mobilenet_quant_v1*", "deeplabv3*")),
    Class("int8", 0.85, BEST,
          ("*_int8", "*_ptq", "pretrainedResnet_quant", "person_detect", "traffic_model")),
    Class("single operators and others", None, LITERT, ("*",)),
)
START_TARGET = 0.40
START_MODELS = ("mobilenet_v1_float", "mobilenet_v2_int8")
MEMORY_TARGET = 0.40
LIBRARY_TARGET = 1 << 20
SPEED_UP_TARGET = 1.85
LARGE_MS = 5.0          # networks that take longer must gain from a second thread
LEAST_MS = 1e-5         # what clocks can tell
SMALL_LOSS = 1.03       # what the clock's own scatter may make of "never slower"


def class_of(model):
    return next(item for item in CLASSES
                if any(fnmatch.fnmatch(model, glob) for glob in item.models))


@dataclasses.dataclass
class Measurement:
    model: str
    threads: int
    ms: dict               # by engine
    failures: dict

    def ratio(self):
        """(midge / best of the peers it is held against, that peer's name), or None."""
        peers = [name for name in class_of(self.model).peers if name in self.ms]
        if "midge" not in self.ms or not peers:
            return None
        best = min(peers, key=lambda name: self.ms[name])
        return max(self.ms["midge"], LEAST_MS) / max(self.ms[best], LEAST_MS), best


def verdict(value, target):
    return "-" if target is None or value is None else "met" if value <= target else "missed"


def number(value):
    if value is None:
        return "-"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}" if value >= 0.1 else f"{value:.5f}"


def table(heading, rows, left=(0,)):
    """Columns `left` begin at the left, the others are numbers."""
    widths = [max(len(str(row[n])) for row in [heading, *rows]) for n in range(len(heading))]
    lines = []
    for row in [heading, *rows]:
        cells = [str(cell).ljust(width) if n in left else str(cell).rjust(width)
                 for n, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def latency_table(measured, engines):
    rows = []
    for item in measured:
        found = item.ratio()
        target = class_of(item.model).target
        rows.append([item.model, item.threads, *[number(item.ms.get(name)) for name in engines],
                     found[1] if found else "-", f"{found[0]:.2f}" if found else "-",
                     f"{target:.2f}" if target else "-", verdict(found and found[0], target)])
    heading = ["milliseconds, lowest", "threads", *engines, "against", "ratio", "target", "verdict"]
    return table(heading, rows)


def class_rows(measured, threads):
    """A row a class: how many models meet the target, their mean and worst ratio."""
    for item in CLASSES:
        found = [(entry.ratio()[0], entry.model) for entry in measured
                 if entry.threads == threads and class_of(entry.model) is item and entry.ratio()]
        if not found:
            continue
        mean = math.exp(sum(math.log(value) for value, _ in found) / len(found))
        worst, model = max(found)
        met = sum(value <= item.target for value, _ in found) if item.target else None
        yield [item.name, threads, f"{mean:.2f}", f"{worst:.2f}", model,
               f"{item.target:.2f}" if item.target else "-",
               "-" if met is None else f"{met} of {len(found)}",
               verdict(worst if item.target else None, item.target)]


def speed_ups(measured):
    """(model, ms with one thread, ms with two)."""
    one = {item.model: item.ms["midge"] for item in measured
           if item.threads == 1 and "midge" in item.ms}
    two = {item.model: item.ms["midge"] for item in measured
           if item.threads == 2 and "midge" in item.ms}
    return [(model, one[model], two[model]) for model in one if model in two]


def speed_up_table(measured):
    rows = []
    for model, one, two in speed_ups(measured):
        large = one > LARGE_MS
        met = one / two >= SPEED_UP_TARGET if large else two <= one * SMALL_LOSS
        rows.append([model, number(one), number(two), f"{one / two:.2f}",
                     f">= {SPEED_UP_TARGET}" if large else "not slower", "met" if met else "missed"])
    return table(["two threads over one", "one, ms", "two, ms", "speed-up", "target", "verdict"],
                 rows)


def start_table(started, key, target, judged):
    rows = []
    for model, found in started.items():
        ours = found.get("midge", {}).get(key)
        theirs = found.get("litert", {}).get(key)
        ratio = ours / theirs if ours is not None and theirs else None
        wanted = target if judged is None or model in judged else None
        rows.append([model, number(ours), number(theirs),
                     "-" if ratio is None else f"{ratio:.2f}",
                     "-" if wanted is None else f"{wanted:.2f}", verdict(ratio, wanted)])
    what = {"open_ms": "open to first result, ms", "memory_kb": "memory added, kB"}[key]
    return table([what, "midge", "litert", "ratio", "target", "verdict"], rows)

# SPDX-License-Identifier: Apache-2.0
"""int8 by midge and by TensorFlow on the same calibration set: rows for compare_converters.py.

Networks: those of MLPerf Tiny (../shared/models/mlperf_tiny, where they are there) and two that
`midge train` makes of Fashion-MNIST. Data for the former is not at hand: their inputs are pictures
of clothes brought to the size and range of each input, so what is measured is how closely the
integers follow the floats (ratio of signal to noise, agreement about the first class), not how
often they are right. Accuracy is measured on the 10,000 test pictures of Fashion-MNIST. LiteRT's
kernels compute all of it.
"""
import gzip
import json
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TINY = ROOT.parent / "shared" / "models" / "mlperf_tiny"
CLOTHES = pathlib.Path(os.environ.get("MIDGE_FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))
CALIBRATION, FRESH = 100, 400
MOST_LOST = "<= 0.5"  # points of accuracy
# Where ranges cut off the same few of the fresh inputs, two files differ by roundings alone.
LEAST_GAIN = ">= -0.05 dB more"

# Name, source, shape of the input, and what black and white are for it.
NETWORKS = [
    ("visual wake words", "vww_96.h5", (96, 96, 3), (0.0, 1.0)),
    ("keyword spotting", "kws_ref_model_saved_model", (49, 10, 1), (-20.0, 20.0)),
    ("anomaly detection", "ad01.h5", (640,), (-84.0, 15.0)),
    ("ResNet-8", "pretrainedResnet.h5", (32, 32, 3), (0.0, 255.0)),
]
TRAINED = [("Fashion-MNIST dense", "dense", 3), ("Fashion-MNIST conv", "conv", 1)]
SETTINGS = [("", []), (", --correct-bias", ["--correct-bias"]), (", --equalize", ["--equalize"]),
            (", both", ["--correct-bias", "--equalize"])]


def read_idx(name, header):
    import numpy
    with gzip.open(CLOTHES / name) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=header)


def clothes(part, count):
    return read_idx(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)[:count]


def bring_to(pictures, shape, bounds):
    """Pictures in the shape of an input, each axis enlarged or reduced to the nearest pixels."""
    import numpy
    low, high = bounds
    values = pictures.astype("float32") / 255
    if len(shape) == 1:
        values = numpy.resize(values.reshape(len(values), -1), (len(values), *shape))
    else:
        rows, columns = ([i * 28 // size for i in range(size)] for size in shape[:2])
        values = values[:, rows][:, :, columns, None].repeat(shape[2], axis=3)
    return (values * (high - low) + low).astype("float32")


class Job:
    """One network: its files in the folder of the comparison, named after it."""

    def __init__(self, name, source, comparison, calibration, fresh, labels=None):
        import numpy
        self.name, self.source, self.labels = name, str(source), labels
        stem = comparison.at(name.replace(" ", "_"))
        self.given, self.fresh = f"{stem}_given.npy", f"{stem}_fresh.npy"
        numpy.save(self.given, calibration)
        numpy.save(self.fresh, fresh)
        self.float, self.theirs = f"{stem}.tflite", f"{stem}_theirs.tflite"
        self.ours = [f"{stem}_ours{number}.tflite" for number in range(len(SETTINGS))]

    def make_ours(self, comparison):
        comparison.midge(self.source, "-o", self.float)
        for (_, settings), target in zip(SETTINGS, self.ours):
            comparison.midge(self.float, "-o", target, "-O", "int8", "-c", self.given, *settings)


def tiny_jobs(comparison):
    calibration, fresh = clothes("train", CALIBRATION), clothes("t10k", FRESH)
    return [Job(name, TINY / file, comparison, bring_to(calibration, shape, bounds),
                bring_to(fresh, shape, bounds))
            for name, file, shape, bounds in NETWORKS if (TINY / file).exists()]


def trained_jobs(comparison):
    jobs = []
    labels = read_idx("t10k-labels-idx1-ubyte.gz", 8)
    calibration, test = (clothes(part, count).astype("float32") / 255
                         for part, count in (("train", CALIBRATION), ("t10k", 10000)))
    for name, network, epochs in TRAINED:
        source = comparison.at(f"{network}.keras")
        comparison.run("train", network, "-d", CLOTHES, "-o", source, "-e", epochs)
        shape = comparison.input_shape(source)
        jobs.append(Job(name, source, comparison, calibration.reshape(-1, *shape),
                        test.reshape(-1, *shape), labels))
    return jobs


def report(comparison, job, outputs):
    import numpy
    from compare_converters import show_size, snr
    wanted, theirs = outputs[job.float], outputs[job.theirs]
    sizes = [os.path.getsize(file) for file in (job.ours[0], job.theirs)]
    comparison.add(f"{job.name}: int8 size", *map(show_size, sizes), sizes[0] / sizes[1])
    for (what, _), file in zip(SETTINGS, job.ours):
        ratios = snr(wanted, outputs[file]), snr(wanted, theirs)
        comparison.add(f"{job.name}: int8 signal to noise{what}",
                       *(f"{ratio:.2f} dB" for ratio in ratios), ratios[0] - ratios[1],
                       LEAST_GAIN if not what else "")
    if wanted.shape[1] > 20:  # not classes
        return
    if job.labels is None:
        shares = [100 * numpy.mean(numpy.argmax(wanted, 1) == numpy.argmax(outputs[file], 1))
                  for file in (*job.ours, job.theirs)]
        for (what, _), share in zip(SETTINGS, shares):
            comparison.add(f"{job.name}: agreement with float{what}", f"{share:.1f} %",
                           f"{shares[-1]:.1f} %")
        return
    right = [100 * numpy.mean(numpy.argmax(outputs[file], 1) == job.labels)
             for file in (job.float, *job.ours, job.theirs)]
    comparison.add(f"{job.name}: float accuracy", f"{right[0]:.2f} %", "")
    for (what, _), share in zip(SETTINGS, right[1:]):
        comparison.add(f"{job.name}: int8 accuracy, points lost{what}", f"{share:.2f} %",
                       f"{right[-1]:.2f} %", right[0] - share, MOST_LOST)


def add_rows(comparison):
    """Converts everything by both and adds what was measured; without the pictures, nothing."""
    import numpy
    from compare_converters import step
    if not CLOTHES.is_dir():
        print(f"compare_int8.py: no pictures in {CLOTHES}: int8 is compared on MobileNetV2 alone\n")
        return
    jobs = tiny_jobs(comparison) + trained_jobs(comparison)
    for job in jobs:
        job.make_ours(comparison)
    orders = [{"source": job.source, "given": job.given, "result": job.theirs} for job in jobs]
    runs = [{"model": model, "given": job.fresh, "result": model + ".npy"}
            for job in jobs for model in (job.float, *job.ours, job.theirs)]
    for kind, work in (("convert_all", orders), ("interpret_all", runs)):
        path = comparison.at(f"{kind}.json")
        pathlib.Path(path).write_text(json.dumps(work))
        step(kind, path)
    for job in jobs:
        report(comparison, job, {run["model"]: numpy.load(run["result"]) for run in runs})

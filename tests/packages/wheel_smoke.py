# SPDX-License-Identifier: Apache-2.0
"""What a wheel does on the Python that runs this: the built-in model equals LiteRT's answers, the
article's script names the cat, a Keras model is converted or the reason given.
usage: wheel_smoke.py MODEL REPOSITORY FOLDER"""
import contextlib
import io
import os
import pathlib
import runpy
import sys
import sysconfig

import midge
import numpy as np
from midge.interpreter import Interpreter

model, repository, folder = sys.argv[1:]
repository = pathlib.Path(repository)
assert midge.__file__.startswith(folder), midge.__file__

pixels = np.fromfile(str(repository / "tests/model/fashion_mnist_pixels.bin"), np.uint8)
expected = np.fromfile(str(repository / "tests/model/fashion_mnist_int8_output.bin"), np.uint8)
with Interpreter(model, num_threads=2) as interpreter:
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    answers = []
    for picture in pixels.reshape(-1, *entry["shape"]):
        interpreter.set_tensor(entry["index"], picture.astype(entry["dtype"]))
        interpreter.invoke()
        answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
assert len(answers) >= 10
assert np.concatenate(answers).tobytes() == expected.tobytes(), "another answer than LiteRT's"

shared = repository.parent / "shared"
files = [shared / name for name in ("models/coral/mobilenet_v2_1.0_224_quant.tflite",
                                    "images/cat.bmp", "models/coral/imagenet_labels.txt")]
if all(file.exists() for file in files):
    sys.argv = ["image_classification.py", *map(str, files)]
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        runpy.run_path(str(repository / "tests/python/article/image_classification.py"))
    lines = told.getvalue().splitlines()
    # Behind these, scores are equal, and their order NumPy's affair.
    assert lines[:3] == ["Egyptian cat 191", "tabby, tabby cat 36", "tiger cat 12"], lines
    assert [line.rsplit(" ", 1)[1] for line in lines[3:]] == list("1111110"), lines
    print("the article's script names the cat")

try:
    converted = midge.convert(str(repository / "tests/convert/dense.keras"))
    assert len(converted) > 1000, len(converted)
    midge.convert(str(repository / "tests/convert/bidirectional.h5"))
    print("converts")
except Exception as error:
    assert "without the readers for Keras models" in str(error), error
    print("does not convert: %s" % error)
print("%s, %s, NumPy %s%s" % (
    sys.version.split()[0], os.uname().machine, np.__version__,
    ", free-threaded" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""))

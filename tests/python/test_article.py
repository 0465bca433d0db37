# SPDX-License-Identifier: Apache-2.0
"""The scripts that introductions to TensorFlow Lite show run unchanged on the alias packages, and
the second names what LiteRT names."""
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import models

TRAINING = pathlib.Path(__file__).with_name("article") / "train_and_convert.py"
SCRIPT = pathlib.Path(__file__).with_name("article") / "image_classification.py"
ALIASES = models.ROOT / "python" / "aliases"
PICTURE = models.ROOT.parent / "shared" / "images" / "cat.bmp"


def run(script, *arguments, aliases=("tflite_runtime",), **options):
    path = [str(ALIASES / name) for name in aliases] + [os.environ.get("PYTHONPATH", "")]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path), **options.pop("more", {}))
    done = subprocess.run([sys.executable, str(script), *map(str, arguments)], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return [line.rsplit(" ", 1) for line in done.stdout.decode().splitlines()]


class Article(unittest.TestCase):
    def setUp(self):
        try:
            from PIL import Image
        except ImportError:
            self.skipTest("Pillow is not installed")
        self.image = Image

    def litert(self, model):
        """The ten best scores by LiteRT's reference kernels."""
        import numpy as np
        try:
            from ai_edge_litert.interpreter import Interpreter, OpResolverType
        except ImportError:
            self.skipTest("ai_edge_litert is not installed")
        interpreter = Interpreter(model,
                                  experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        interpreter.allocate_tensors()
        pixels = np.array(self.image.open(str(PICTURE)).convert("RGB").resize((224, 224)))
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[None])
        interpreter.invoke()
        scores = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
        return scores, np.argsort(scores)[::-1][:10]

    def test_mobilenet_on_a_cat(self):
        model = models.shared("coral/mobilenet_v2_1.0_224_quant.tflite")
        label_file = models.shared("coral/imagenet_labels.txt")
        if not PICTURE.exists():
            self.skipTest("there is no cat.bmp")
        told = run(SCRIPT, model, PICTURE, label_file)
        self.assertEqual(len(told), 10)
        self.assertIn("cat", told[0][0])
        scores, order = self.litert(model)
        labels = pathlib.Path(label_file).read_text().splitlines()
        self.assertEqual(told, [[labels[i], str(scores[i])] for i in order])

    def test_built_in_model_on_its_samples(self):
        """The same script for a model of grey pictures of 28 x 28."""
        text = SCRIPT.read_text().replace('"RGB"', '"L"').replace("(224, 224)", "(28, 28)")
        text = text.replace("np.expand_dims(input_data, axis=0)", "input_data[None, :, :, None]")
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "image_classification.py")
            script.write_text(text)
            labels = models.ROOT / "models" / "fashion_mnist_labels.txt"
            for picture, label in (("bag", "Bag"), ("trouser", "Trouser"),
                                   ("ankle_boot", "Ankle boot")):
                told = run(script, models.BUILT_IN,
                           models.ROOT / "models" / "pictures" / (picture + ".png"), labels)
                self.assertEqual(told[0][0], label)
                self.assertEqual(len(told), 10)


class Training(unittest.TestCase):
    """On a part of the pictures, to be quick."""

    @staticmethod
    def some(source, target, count):
        """The first samples of an IDX file."""
        with gzip.open(str(source)) as file:
            content = file.read()
        head = 4 + 4 * content[3]
        each = (len(content) - head) // int.from_bytes(content[4:8], "big")
        with gzip.open(str(target), "wb") as file:
            file.write(content[:4] + count.to_bytes(4, "big") + content[8:head] +
                       content[head:head + count * each])

    def test_trains_converts_and_loads(self):
        for place in (pathlib.Path("/usr/share/datasets/fashion-mnist"),
                      models.ROOT.parent / "shared" / "data" / "fashion-mnist"):
            files = sorted(place.glob("*ubyte.gz"))
            if len(files) == 4:
                break
        else:
            self.skipTest("there is no dataset-fashion-mnist")
        with tempfile.TemporaryDirectory() as folder:
            for file in files:
                self.some(file, pathlib.Path(folder, file.name), 1000)
            script = pathlib.Path(folder, "script.py")
            script.write_text(TRAINING.read_text() + "print(input_details[0]['shape'].tolist(), "
                              "model.evaluate(test_images, test_labels, verbose=0)[1])\n")
            try:
                told = run(script, aliases=("tensorflow",), cwd=folder,
                           more={"MIDGE_DATASETS": folder, "PYTHONIOENCODING": "utf-8"})
            except AssertionError as error:
                if "without the readers" in str(error):
                    self.skipTest("the library trains no Keras models")
                raise
            self.assertEqual(told[-1][0], "[1, 28, 28]")
            self.assertGreater(float(told[-1][1]), 0.7)
            self.assertEqual(sum("Epoch" in line[0] for line in told), 10)
            self.assertEqual(sorted(os.listdir(os.path.join(folder, "my_model"))),
                             ["config.json", "metadata.json", "model.weights.h5"])


class Names(unittest.TestCase):
    def test_names_of_the_originals(self):
        script = ("from tflite_runtime.interpreter import Interpreter as a\n"
                  "from ai_edge_litert.interpreter import Interpreter as b\n"
                  "import tensorflow.lite as tflite\n"
                  "import tensorflow as tf\n"
                  "from tensorflow.lite.python.interpreter import load_delegate\n"
                  "import midge.converter\n"
                  "assert a is b is tflite.Interpreter is tf.lite.Interpreter is "
                  "midge.Interpreter\n"
                  "assert tf.lite.experimental.load_delegate is load_delegate\n"
                  "assert tf.lite.TFLiteConverter is midge.converter.TFLiteConverter\n"
                  "assert tf.lite.Optimize.DEFAULT.name == 'DEFAULT'\n"
                  "assert tf.float32 == 'float32' and tf.int8.as_numpy_dtype(1) == 1\n"
                  "try: tf.constant\n"
                  "except AttributeError as error: print(error)\n")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "script.py")
            path.write_text(script)
            told = run(path, aliases=("tflite_runtime", "ai_edge_litert", "tensorflow"))
        self.assertIn("but not", " ".join(told[0]))


if __name__ == "__main__":
    unittest.main()

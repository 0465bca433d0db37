# SPDX-License-Identifier: Apache-2.0
"""midge.load and midge.classify, and the command by way of Python."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import midge
import models

try:
    from PIL import Image
except ImportError:
    Image = None

TWO = "ADD a:f32[1,2] b:f32[1,2] -> c:f32[1,2]; SUB a b -> d:f32[1,2]"


class Models(unittest.TestCase):
    def test_one_input_and_output(self):
        model = midge.load(models.draft("ABS a:f32[?,2] -> b:f32[?,2]"))
        self.assertEqual(model(np.float32([[-1, 2]])).tolist(), [[1, 2]])
        self.assertEqual(model([[-1.0, 2], [3, -4]]).tolist(), [[1, 2], [3, 4]])
        self.assertEqual(model(a=np.float32([-1, 2])).tolist(), [[1, 2]])

    def test_several(self):
        model = midge.load(models.draft(TWO))
        a, b = np.float32([[5, 6]]), np.float32([[1, 2]])
        for result in (model(a, b), model({"a": a, "b": b}), model(a, b=b)):
            self.assertEqual({name: value.tolist() for name, value in result.items()},
                             {"c": [[6, 8]], "d": [[4, 4]]})

    def test_names_of_the_signature(self):
        model = midge.load(models.draft("ABS a:f32[2] -> b:f32[2]; signature s x=a -> y=b"))
        self.assertEqual((model.inputs[0].name, model.outputs[0].name), ("x", "y"))
        self.assertEqual(model(x=np.float32([-1, 1])).tolist(), [1, 1])

    def test_refusals(self):
        model = midge.load(models.draft(TWO))
        a = np.zeros((1, 2), "f")
        for kind, pattern, call in ((TypeError, "b is missing", lambda: model(a)),
                                    (TypeError, "no z", lambda: model(a, a, z=a)),
                                    (TypeError, "3 were given", lambda: model(a, a, a)),
                                    (TypeError, "float32, got str", lambda: model("x", a)),
                                    (RuntimeError, "ADD", lambda: model(a, np.zeros((1, 3), "f"))),
                                    (ValueError, "No such file", lambda: midge.load("/none"))):
            with self.assertRaisesRegex(kind, pattern):
                call()
        self.assertEqual(model(a, a)["c"].tolist(), [[0, 0]])
        model.close()
        with self.assertRaisesRegex(ValueError, "closed"):
            model(a, a)

    def test_quantised(self):
        text = "QUANTIZE a:i8[2]q0.5:1 -> b:u8[2]q0.25:128"
        self.assertEqual(midge.load(models.draft(text), real=True)([1.0, -3.0]).tolist(), [1, -3])
        self.assertEqual(midge.load(models.draft(text))(np.int8([3, -5])).tolist(), [132, 116])
        model = midge.load(models.draft(text), real=True)
        self.assertEqual(model([1e9, -1e9]).tolist(), [31.75, -32])

    def test_strings(self):
        model = midge.load(models.draft("RESHAPE a:str[?] s:i32[1]={-1} -> b:str[?]"))
        self.assertEqual(model(["a", "b\u00fc"]).tolist(), [b"a", "b\u00fc".encode()])

    def test_profile(self):
        model = midge.load(str(models.BUILT_IN))
        profile = model.profile(runs=3)
        self.assertEqual(profile.runs, 3)
        self.assertEqual([node.op for node in profile.nodes],
                         [node["op_name"] for node in midge.Interpreter(
                             str(models.BUILT_IN))._get_ops_details()])
        self.assertGreater(sum(node.milliseconds for node in profile.nodes), 0)
        self.assertLess(sum(node.milliseconds for node in profile.nodes),
                        profile.milliseconds * 1.5)
        self.assertIn("CONV_2D", str(profile))

    def test_repr_and_memory(self):
        model = midge.load(models.BUILT_IN)
        self.assertIn("fashion_mnist_int8.tflite: picture uint8[", repr(model))
        self.assertGreater(model.memory, 784)


class WithoutPillow(unittest.TestCase):
    def test_without_pillow(self):
        script = ("import sys; sys.modules['PIL'] = None\n"
                  "import midge, numpy as np\n"
                  "print(midge.classify(np.zeros((28, 28), np.uint8))[0])\n"
                  "try: midge.classify(np.zeros((30, 28), np.uint8))\n"
                  "except ImportError as error: print(error)\n")
        told = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True)
        self.assertIn("Result(index=", told.stdout.decode())
        self.assertIn("pip install pillow", told.stdout.decode())

    def test_labels(self):
        from midge.pictures import parse_labels
        self.assertEqual(parse_labels(b"\xef\xbb\xbfa\r\n b \n\nc\n\n", "x"), ["a", "b", "", "c"])
        self.assertEqual(parse_labels(b"0 a\n2: b c\n", "x"), ["a", "", "b c"])
        self.assertEqual(parse_labels(b"7 up\n3 musketeers\n", "x"), ["7 up", "3 musketeers"])
        for content in (b"", b"a\0b"):
            with self.assertRaises(ValueError):
                parse_labels(content, "x")


class Classify(unittest.TestCase):
    def setUp(self):
        if Image is None:
            self.skipTest("Pillow is not installed")

    def test_the_command_says_the_same(self):
        command = os.environ.get("MIDGE_COMMAND", "")
        if not os.path.exists(command):
            self.skipTest("there is no command midge")
        pictures = sorted((models.ROOT / "models" / "pictures").glob("*.png"))
        pictures += sorted((models.ROOT / "tests" / "pictures").glob("*.jpg"))
        choices = [(None, None)]
        coral = models.SHARED / "coral"
        if coral.exists():
            pictures.append(models.ROOT.parent / "shared" / "images" / "cat.bmp")
            choices += [(str(coral / "mobilenet_v2_1.0_224_quant.tflite"),
                         str(coral / "imagenet_labels.txt")),
                        (str(coral / "tf2_mobilenet_v2_1.0_224_ptq.tflite"), None)]
        for picture in pictures:
            for model, labels in choices:
                with self.subTest("%s %s" % (picture.name, model)):
                    arguments = ["--model", model] if model else []
                    arguments += ["--labels", labels] if labels else []
                    done = subprocess.run([command, "classify", str(picture), "--json", "--top",
                                           "3", *arguments], stdout=subprocess.PIPE, check=True,
                                          stderr=subprocess.DEVNULL)
                    told = json.loads(done.stdout.decode())[0]["results"]
                    for mine, other in zip(midge.classify(str(picture), model, labels, top=3),
                                           told):
                        self.assertEqual((mine.index, mine.label or None),
                                         (other["index"], other["label"] or None))
                        self.assertAlmostEqual(mine.score, other["score"], 4)

    def test_kinds_of_pictures(self):
        path = models.ROOT / "models" / "pictures" / "bag.png"
        picture = Image.open(str(path))
        grey = np.asarray(picture.convert("L"))
        classifier = midge.Classifier()
        expected = classifier(str(path))
        self.assertEqual(expected[0].label, "Bag")
        for image in (path, picture, grey, grey[:, :, None], np.stack([grey] * 3, 2),
                      np.stack([grey] * 4, 2)):
            self.assertEqual(classifier(image), expected)
        large = np.kron(grey, np.ones((4, 4), np.uint8))
        self.assertEqual(classifier(large)[0].label, "Bag")

    def test_refusals(self):
        path = str(models.ROOT / "models" / "pictures" / "bag.png")
        for kind, pattern, call in (
                (ValueError, "uint8", lambda: midge.classify(np.zeros((28, 28)))),
                (ValueError, "3 labels", lambda: midge.classify(path, labels=["a", "b", "c"])),
                (ValueError, "picture", lambda: midge.classify(path, models.draft(TWO))),
                (OSError, "none.png", lambda: midge.classify("/none.png"))):
            with self.assertRaisesRegex(kind, pattern):
                call()


class Command(unittest.TestCase):
    def run_module(self, *arguments, **variables):
        return subprocess.run([sys.executable, "-m", "midge", *arguments],
                              env=dict(os.environ, **variables), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    def test_runs(self):
        if not os.path.exists(os.environ.get("MIDGE_COMMAND", "")):
            self.skipTest("there is no command midge")
        done = self.run_module("--version")
        self.assertEqual(done.stdout.decode().split(), ["midge", midge.__version__])
        self.assertEqual(self.run_module("nonsense").returncode, 2)

    def test_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_module("--version", MIDGE_COMMAND=str(pathlib.Path(folder, "midge")))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"MIDGE_COMMAND", done.stderr)


if __name__ == "__main__":
    unittest.main()

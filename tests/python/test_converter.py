# SPDX-License-Identifier: Apache-2.0
"""midge.convert and the converter of tensorflow.lite."""
import io
import pathlib
import tempfile
import unittest
import zipfile

import numpy as np

import midge
import models
from midge._element_types import TYPES
from midge.converter import (Optimize, OpsSet, RepresentativeDataset, TargetSpec,
                             TFLiteConverter)
from midge.interpreter import Interpreter

KERAS = models.ROOT / "tests" / "convert" / "convolution.keras"
ROWS = "FULLY_CONNECTED a:f32[1,4] w:f32[64,4]={0.5} - -> b:f32[1,64]"
NO_INTEGERS = "ABS a:f32[1,4] -> b:f32[1,4]; FLOOR_MOD b d:f32[1]={2} -> c:f32[1,4]"
INT16X8 = OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8


class Saved:
    """What from_keras_model takes: something that saves itself."""

    def __init__(self, content, name=".keras"):
        self.content, self.name = content, name

    def save(self, path):
        if not str(path).endswith(self.name):
            raise ValueError("another name, please")
        pathlib.Path(path).write_bytes(self.content)


def converted(source, **options):
    """The result of midge.convert; skips where Keras models cannot be read."""
    try:
        return midge.convert(source, **options)
    except ValueError as error:
        if "without the readers" in str(error):
            raise unittest.SkipTest("the library reads no Keras models")
        raise


def ports(content):
    model = Interpreter(model_content=content)
    return [(np.dtype(port["dtype"]).name, port["shape"].tolist())
            for port in model.get_input_details() + model.get_output_details()]


class Convert(unittest.TestCase):
    def test_keras_file(self):
        layers, runs = [], []
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "out.tflite")
            made = converted(KERAS, output=path, report=lambda *facts: layers.append(facts))
            self.assertEqual(path.read_bytes(), made)
            self.assertEqual([entry.name for entry in pathlib.Path(folder).iterdir()],
                             ["out.tflite"])
        self.assertIn("Conv2D", {layer[1] for layer in layers})
        self.assertEqual(made, converted(KERAS))
        shape = ports(made)[0][1]
        stack = np.random.default_rng(0).random((3, *shape[1:]))
        small = converted(made, optimize="int8", samples=[stack], input_type=np.int8,
                          output_type="uint8", progress=lambda *done: runs.append(done))
        self.assertEqual(ports(small), [("int8", shape)] + [
            ("uint8", port[1]) for port in ports(made)[1:]])
        self.assertEqual(runs[-1], (3, 3))
        self.assertEqual(ports(converted(KERAS, batch=2))[0][1][0], 2)

    def test_samples(self):
        two = models.draft("ADD a:f32[1,2] b:f32[1,2] -> c:f32[1,2]; signature s x=a y=b -> z=c")
        one = np.float32([[1, 2]])
        made = {midge.convert(two, optimize="int8", samples=[sample]) for sample in
                ([one, one], {"a": one, "b": one}, {"x": one, "y": one}, ("s", {"x": one, "y": one}),
                 (one[0], one[0]), [one.astype(float), [[1, 2]]])}
        self.assertEqual(len(made), 1)
        # One dictionary, or one array where there is one input, needs no list around it.
        stacks = {"a": np.repeat(one, 3, 0), "b": np.repeat(one, 3, 0)}
        self.assertEqual({midge.convert(two, optimize="int8", samples=stacks)}, made)
        single = models.draft("RELU a:f32[1,2] -> c:f32[1,2]")
        self.assertEqual(len({midge.convert(single, optimize="int8", samples=samples)
                              for samples in (one, one[0], [one], stacks["a"])}), 1)
        with self.assertRaisesRegex(ValueError, r"sample 0 is \[\[0, 2\]\]"):
            midge.convert(single, optimize="int8", samples=stacks["a"][:0])
        for pattern, sample in (("has 1 arrays, the model 2 inputs", one),
                                ("no input b or y", {"a": one}),
                                (r"is \[\[1, 3\], \[1, 2\]\]", [np.zeros((1, 3)), one])):
            with self.assertRaisesRegex(ValueError, pattern):
                midge.convert(two, optimize="int8", samples=[sample])
        with self.assertRaisesRegex(ValueError, "needs samples"):
            midge.convert(two, optimize="int8")

    def test_sparse_and_clustered_weights(self):
        try:
            from midge import keras
            model = keras.Sequential([keras.layers.Dense(256, input_shape=(8,))])
            model = midge.convert(model)
        except (ImportError, ValueError):
            self.skipTest("the library trains no models")

        def weights(made):
            details = Interpreter(model_content=made)
            index = next(one["index"] for one in details.get_tensor_details()
                         if one["shape"].tolist() == [256, 8])
            return details.get_tensor(index)

        self.assertAlmostEqual(np.mean(weights(midge.convert(model, sparsity=0.5)) == 0), 0.5, 2)
        self.assertLessEqual(len(np.unique(weights(midge.convert(model, clusters=16)))), 16)

    def test_callbacks_may_fail(self):
        def broken(*_):
            raise KeyError("mine")
        model, sample = models.draft(ROWS), np.ones((1, 4))
        with self.assertRaisesRegex(KeyError, "mine"):
            midge.convert(model, optimize="int8", samples=[sample], progress=broken)
        with self.assertRaises(RuntimeError):
            midge.convert(model, optimize="int8", samples=[sample], progress=lambda *_: False)
        with self.assertRaisesRegex((KeyError, unittest.SkipTest), "mine"):
            converted(KERAS, report=broken)

    def test_refusals(self):
        model = models.draft(ROWS)
        for pattern, options in (("optimize is one of", {"optimize": "best"}),
                                 ("value_range is one of", {"value_range": "most"}),
                                 ("input_type is float32", {"optimize": "int8",
                                                            "input_type": "int64"}),
                                 ("output_type is float32", {"optimize": "int8",
                                                             "output_type": "nothing"}),
                                 ("need optimize", {"input_type": np.int8})):
            with self.assertRaisesRegex(ValueError, pattern):
                midge.convert(model, **options)
        with self.assertRaisesRegex(ValueError, "/no/such"):
            midge.convert("/no/such.keras")
        with self.assertRaisesRegex(TypeError, "cannot convert a dict"):
            midge.convert({})
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(OSError):
                midge.convert(model, folder)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_labels_travel_on(self):
        packed = io.BytesIO(models.draft(ROWS))
        with zipfile.ZipFile(packed, "a") as archive:
            archive.writestr("labels.txt", "cat\ndog\n")
        small = midge.convert(packed.getvalue(), optimize="float16")
        with zipfile.ZipFile(io.BytesIO(small)) as archive:
            self.assertEqual(archive.read("labels.txt"), b"cat\ndog\n")
        self.assertEqual(len(ports(small)), 2)


class LookAlike(unittest.TestCase):
    def of(self, text, **settings):
        converter = TFLiteConverter(models.draft(text))
        for name, value in settings.items():
            setattr(converter, name, value)
        return converter

    @staticmethod
    def samples():
        for i in range(4):
            yield [np.full((1, 4), i, np.float32)]

    def test_sources(self):
        made = converted(KERAS)
        self.assertEqual(TFLiteConverter.from_keras_file(KERAS).convert(), made)
        self.assertEqual(TFLiteConverter.from_keras_model(Saved(KERAS.read_bytes())).convert(),
                         made)
        h5 = KERAS.with_name("bidirectional.h5")
        self.assertEqual(TFLiteConverter.from_keras_model(Saved(h5.read_bytes(), ".h5")).convert(),
                         converted(h5))
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(str(KERAS)) as archive:
                archive.extractall(folder)
            self.assertEqual(TFLiteConverter.from_saved_model(folder).convert(), made)
        for call in (lambda: TFLiteConverter.from_saved_model("/no/such"),
                     lambda: TFLiteConverter.from_keras_file("/no/such.keras")):
            with self.assertRaises(OSError):
                call()
        with self.assertRaisesRegex(TypeError, "from_keras_file"):
            TFLiteConverter.from_keras_model("model.keras")
        with self.assertRaisesRegex(ValueError, "one signature"):
            TFLiteConverter.from_saved_model("/", signature_keys=["one", "other"])

    def test_quantisation(self):
        """The same settings mean what they mean to the original."""
        default, samples = [Optimize.DEFAULT], self.samples
        weights = ("float32", "float16", "int8", "int8", "int8", "int8", "int8")
        kinds = []
        for settings in (
                {}, {"optimizations": default, "target_spec": TargetSpec(
                    supported_types=[TYPES["float16"]])},
                {"optimizations": {Optimize.OPTIMIZE_FOR_SIZE}},
                {"optimizations": default, "representative_dataset": samples},
                {"optimizations": default, "representative_dataset": RepresentativeDataset(samples),
                 "target_spec": TargetSpec([OpsSet.TFLITE_BUILTINS_INT8]),
                 "inference_input_type": TYPES["int8"], "inference_output_type": np.uint8},
                {"optimizations": default, "representative_dataset": samples,
                 "target_spec": TargetSpec([INT16X8]), "inference_input_type": np.int16},
                {"optimizations": default, "representative_dataset": samples,
                 "target_spec": TargetSpec(supported_types=[np.int8])}):
            made = self.of("FULLY_CONNECTED a:f32[1,4] w:f32[512,4]={0.5} - -> b:f32[1,512]",
                           **settings).convert()
            details = Interpreter(model_content=made).get_tensor_details()
            kinds.append(next(np.dtype(one["dtype"]).name for one in details
                              if one["shape"].tolist() == [512, 4]))
            self.assertEqual([kind for kind, _ in ports(made)],
                             [np.dtype(getattr(settings.get(name, np.float32), "as_numpy_dtype",
                                               settings.get(name, np.float32))).name
                              for name in ("inference_input_type", "inference_output_type")])
        self.assertEqual(tuple(kinds), weights)

    def test_refusals(self):
        default, int8 = [Optimize.DEFAULT], TargetSpec([OpsSet.TFLITE_BUILTINS_INT8])
        for pattern, settings in (
                ("`representative_dataset` must be specified",
                 {"optimizations": default, "target_spec": int8}),
                ("FLOOR_MOD .c.;", {"optimizations": default, "target_spec": int8,
                                 "representative_dataset": self.samples}),
                ("inference_input_type", {"inference_input_type": np.int8}),
                ("inference_input_type", {"optimizations": default,
                                          "inference_output_type": np.int8}),
                ("members of Optimize", {"optimizations": ["DEFAULT"]}),
                ("generator function", {"optimizations": default,
                                        "representative_dataset": [[1]]})):
            with self.assertRaisesRegex(ValueError, pattern):
                self.of(NO_INTEGERS, **settings).convert()
        made = self.of(NO_INTEGERS, optimizations=default,
                       representative_dataset=self.samples).convert()
        self.assertEqual([kind for kind, _ in ports(made)], ["float32", "float32"])


class ElementTypes(unittest.TestCase):
    def test_like_numpy(self):
        kind = TYPES["uint8"]
        self.assertEqual(kind, np.uint8)
        self.assertEqual(kind, "uint8")
        self.assertNotEqual(kind, np.int8)
        self.assertIn(np.dtype("uint8"), {kind})
        self.assertEqual(np.zeros(2, kind.as_numpy_dtype).dtype, np.uint8)
        self.assertEqual((kind.min, kind.max, kind.size), (0, 255, 1))
        self.assertEqual(repr(TYPES["float32"]), "tf.float32")


if __name__ == "__main__":
    unittest.main()

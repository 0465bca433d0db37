# SPDX-License-Identifier: Apache-2.0
"""midge.keras: programs written for tf.keras train on midge's trainer."""
import contextlib
import gzip
import io
import json
import os
import pathlib
import re
import struct
import tempfile
import unittest
from unittest import mock

import numpy as np

import models
from midge import converter
from midge.interpreter import Interpreter

try:
    from midge import keras
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).get_weights()
except (ImportError, ValueError) as error:
    raise unittest.SkipTest("the library trains no models: %s" % error)
layers = keras.layers


def clusters(count=240, seed=0):
    """Points of three classes that lie apart."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 3, count)
    centres = np.float32([[2, 0, 0, 1], [0, 2, 0, -1], [0, 0, 2, 0]])
    return centres[y] + random.normal(0, 0.3, (count, 4)).astype(np.float32), y


def dense(optimizer="adam", loss="sparse_categorical_crossentropy", **more):
    keras.utils.set_random_seed(5)
    model = keras.Sequential([layers.Dense(16, activation="relu", input_shape=(4,)),
                              layers.Dense(3, activation="softmax")])
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"], **more)
    return model


def quiet(model, *arguments, **named):
    return model.fit(*arguments, verbose=0, **named)


def printed(function, *arguments, **named):
    with contextlib.redirect_stdout(io.StringIO()) as told:
        function(*arguments, **named)
    return told.getvalue()


class Training(unittest.TestCase):
    def test_learns(self):
        x, y = clusters()
        model = dense()
        history = quiet(model, x, y, epochs=30, validation_data=clusters(60, 1))
        self.assertEqual(list(history.history),
                         ["accuracy", "loss", "val_accuracy", "val_loss"])
        self.assertEqual(history.epoch, list(range(30)))
        self.assertLess(history.history["loss"][-1], 0.5 * history.history["loss"][0])
        loss, accuracy = model.evaluate(x, y, verbose=0)
        self.assertGreater(accuracy, 0.95)
        self.assertEqual(model.evaluate(x, y, verbose=0, return_dict=True),
                         {"loss": loss, "accuracy": accuracy})
        scores = model.predict(x, verbose=0)
        self.assertEqual((scores.shape, scores.dtype), ((240, 3), np.float32))
        self.assertEqual(float(np.mean(scores.argmax(1) == y)), accuracy)
        np.testing.assert_array_equal(model(x[:2]).numpy(), scores[:2])

    def test_seed_decides(self):
        x, y = clusters()
        weights = []
        for _ in range(2):
            model = dense()
            quiet(model, x, y, epochs=2)
            weights.append(model.get_weights())
        for one, other in zip(*weights):
            np.testing.assert_array_equal(one, other)

    def test_kinds_of_losses_and_optimisers(self):
        x, y = clusters()
        hot = keras.utils.to_categorical(y)
        for optimizer in ("sgd", "rmsprop", "adamw", keras.optimizers.SGD(0.1, momentum=0.9),
                          keras.optimizers.Adam(learning_rate=0.01, clipnorm=1.0)):
            model = dense(optimizer)
            first = model.evaluate(x, y, verbose=0)[0]
            self.assertLess(quiet(model, x, y, epochs=4).history["loss"][-1], first)
        for loss in ("categorical_crossentropy", "mse", keras.losses.Huber(delta=0.5),
                     keras.losses.BinaryCrossentropy(label_smoothing=0.1), "mean_absolute_error"):
            model = dense(loss=loss)
            first = model.evaluate(x, hot, verbose=0)[0]
            self.assertLess(quiet(model, x, hot, epochs=4).history["loss"][-1], first)

    def test_weights_of_samples_and_classes(self):
        x, y = clusters()
        model = dense()
        quiet(model, x, y, epochs=30, class_weight={0: 0.0, 1: 0.0, 2: 1.0})
        self.assertGreater(np.mean(model.predict(x, verbose=0).argmax(1) == 2), 0.9)
        model = dense()
        quiet(model, x, y, epochs=30, sample_weight=(y == 1) * 1.0)
        self.assertGreater(np.mean(model.predict(x, verbose=0).argmax(1) == 1), 0.9)

    def test_first_samples_tell_the_shape(self):
        x, y = clusters()
        model = keras.Sequential([layers.Dense(3)])
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        self.assertIn("unbuilt", printed(model.summary))
        quiet(model, x, y)
        self.assertEqual(model.input_shape, (None, 4))

    def test_one_step(self):
        x, y = clusters(32)
        model = dense("sgd")
        loss, _ = model.train_on_batch(x, y)
        self.assertLess(model.evaluate(x, y, verbose=0)[0], loss)


class Refusals(unittest.TestCase):
    def test_messages(self):
        x, y = clusters(8)
        model = dense()
        for kind, pattern, call in (
                (ValueError, r"x is \[8, 3\]", lambda: quiet(model, x[:, :3], y)),
                (ValueError, "x has 8 samples, y 7", lambda: quiet(model, x, y[:7])),
                (ValueError, "takes numbers of classes",
                 lambda: quiet(model, x, keras.utils.to_categorical(y, 3))),
                (ValueError, "y is missing", lambda: quiet(model, x)),
                (ValueError, "batches bring y", lambda: quiet(model, (row for row in x), y)),
                (TypeError, "x holds numbers", lambda: quiet(model, np.full((8, 4), "a"), y)),
                (ValueError, "validation_data", lambda: quiet(model, x, y, validation_data=x)),
                (ValueError, "no optimizer", lambda: dense("lamb")),
                (ValueError, "no loss", lambda: dense(loss="hinge")),
                (ValueError, "no activation", lambda: layers.Dense(2, activation="sine")),
                (ValueError, "constraints", lambda: layers.Dense(2, kernel_constraint="x")),
                (ValueError, "channels come last",
                 lambda: layers.Flatten(data_format="channels_first")),
                (ValueError, "float32", lambda: layers.Dense(2, dtype="float16")),
                (TypeError, "no Python for each step", keras.Model),
                (AttributeError, "no layer 'Lambda'", lambda: layers.Lambda),
                (AttributeError, "no 'Functional'", lambda: keras.Functional),
                (OSError, "no model at", lambda: keras.models.load_model("/no/such.keras")),
                (ValueError, "compile", lambda: keras.Sequential(
                    [layers.Dense(1, input_shape=(4,))]).fit(x, y))):
            with self.assertRaisesRegex(kind, pattern):
                call()

    def test_no_number(self):
        x, y = clusters(64)
        x[3, 1] = np.nan
        with self.assertRaisesRegex(ValueError, "sample 3 of x"):
            quiet(dense(), x, y)
        with self.assertRaisesRegex(ValueError, "sample 2 of y"):
            quiet(dense(loss="mse"), clusters(64)[0], np.where(np.arange(192).reshape(64, 3) == 7,
                                                               np.inf, 0))


class Graphs(unittest.TestCase):
    def test_functional(self):
        x, y = clusters()
        inputs = keras.Input(shape=(4,), name="point")
        hidden = layers.Dense(8, activation="tanh", name="hidden")(inputs)
        outputs = layers.Dense(3, name="scores")(hidden)
        model = keras.Model(inputs=inputs, outputs=outputs)
        self.assertEqual(hidden.shape, (None, 8))
        self.assertEqual(model.output_shape, (None, 3))
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        quiet(model, x, y, epochs=5)
        quiet(model, {"point": x}, y)
        inner = keras.Model(model.input, model.get_layer("hidden").output)
        values = inner.predict(x[:3], verbose=0)
        kernel, bias = model.get_layer("hidden").get_weights()
        np.testing.assert_allclose(values, np.tanh(x[:3] @ kernel + bias), atol=1e-5)
        self.assertEqual([layer.name for layer in model.layers], ["point", "hidden", "scores"])

    def test_layers_are_shared_between_models(self):
        x, y = clusters()
        model = dense()
        probable = keras.Sequential([model, layers.Activation("linear")])
        before = probable.predict(x[:4], verbose=0)
        np.testing.assert_array_equal(before, model.predict(x[:4], verbose=0))
        quiet(model, x, y, epochs=2)
        after = probable.predict(x[:4], verbose=0)
        self.assertGreater(np.abs(after - before).max(), 1e-3)
        np.testing.assert_array_equal(after, model.predict(x[:4], verbose=0))

    def test_frozen_layers_stay(self):
        x, y = clusters()
        model = dense()
        quiet(model, x, y)
        model.layers[0].trainable = False
        model.compile("adam", "sparse_categorical_crossentropy")
        kept, learned = model.layers[0].get_weights()[0], model.layers[1].get_weights()[0]
        quiet(model, x, y)
        np.testing.assert_array_equal(model.layers[0].get_weights()[0], kept)
        self.assertGreater(np.abs(model.layers[1].get_weights()[0] - learned).max(), 0)
        self.assertEqual(len(model.trainable_weights), 2)

    def test_new_head(self):
        x, y = clusters()
        old = dense()
        quiet(old, x, y, epochs=3)
        new = keras.Sequential(old.layers[:-1] + [layers.Dense(2, name="head")])
        new.compile("adam", "mse")
        np.testing.assert_array_equal(new.layers[0].get_weights()[0],
                                      old.layers[0].get_weights()[0])
        self.assertEqual(new.predict(x[:5], verbose=0).shape, (5, 2))

    def test_weights(self):
        model = dense()
        self.assertEqual([weight.shape for weight in model.get_weights()],
                         [(4, 16), (16,), (16, 3), (3,)])
        self.assertEqual(model.count_params(), 131)
        given = [np.full(weight.shape, i, np.float32)
                 for i, weight in enumerate(model.get_weights())]
        model.set_weights(given)
        for one, other in zip(model.get_weights(), given):
            np.testing.assert_array_equal(one, other)
        with self.assertRaisesRegex(ValueError, "shape"):
            model.layers[0].set_weights([given[2], given[1]])
        with self.assertRaisesRegex(ValueError, "2 weights"):
            model.layers[0].set_weights(given)
        model.weights[0].assign(np.ones((4, 16)))
        self.assertEqual(model.weights[0].numpy().sum(), 64)

    def test_configuration(self):
        model = dense()
        again = keras.models.model_from_json(model.to_json())
        self.assertEqual([layer.get_config() for layer in again.layers],
                         [layer.get_config() for layer in model.layers])
        row = json.loads(model.to_json())
        self.assertEqual(row["compile_config"]["optimizer"]["class_name"], "Adam")


SEQUENCE, PICTURE = (6, 4), (8, 8, 3)
EVERY = {  # the input of a layer, and how to make it
    "Conv1D": (SEQUENCE, {"filters": 3, "kernel_size": 3, "activation": "relu"}),
    "Conv2D": (PICTURE, {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"}),
    "DepthwiseConv1D": (SEQUENCE, {"kernel_size": 3}),
    "DepthwiseConv2D": (PICTURE, {"kernel_size": (3, 3), "depth_multiplier": 2}),
    "SeparableConv1D": (SEQUENCE, {"filters": 3, "kernel_size": 2}),
    "SeparableConv2D": (PICTURE, {"filters": 3, "kernel_size": 2}),
    "MaxPooling1D": (SEQUENCE, {}), "AveragePooling1D": (SEQUENCE, {"pool_size": 3}),
    "MaxPooling2D": (PICTURE, {}), "AveragePooling2D": (PICTURE, {"pool_size": (2, 4)}),
    "GlobalMaxPooling1D": (SEQUENCE, {}), "GlobalAveragePooling1D": (SEQUENCE, {}),
    "GlobalMaxPooling2D": (PICTURE, {}), "GlobalAveragePooling2D": (PICTURE, {}),
    "BatchNormalization": (PICTURE, {}), "LayerNormalization": (SEQUENCE, {}),
    "Dropout": (SEQUENCE, {"rate": 0.5}), "SpatialDropout1D": (SEQUENCE, {"rate": 0.5}),
    "SpatialDropout2D": (PICTURE, {"rate": 0.5}), "GaussianNoise": (SEQUENCE, {"stddev": 0.1}),
    "Embedding": ((6,), {"input_dim": 10, "output_dim": 3}),
    "LSTM": (SEQUENCE, {"units": 5, "return_sequences": True}), "GRU": (SEQUENCE, {"units": 5}),
    "ZeroPadding1D": (SEQUENCE, {}), "ZeroPadding2D": (PICTURE, {"padding": ((1, 0), (2, 1))}),
    "Reshape": (SEQUENCE, {"target_shape": (3, 8)}), "Rescaling": (PICTURE, {"scale": 0.5}),
    "Activation": (SEQUENCE, {"activation": "gelu"}), "ReLU": (SEQUENCE, {"max_value": 6}),
    "LeakyReLU": (SEQUENCE, {}), "ELU": (SEQUENCE, {}), "Softmax": (SEQUENCE, {}),
    "Identity": (SEQUENCE, {}), "Flatten": (PICTURE, {}), "Dense": (SEQUENCE, {"units": 2}),
}
MERGING = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")


class EveryLayer(unittest.TestCase):
    def test_classes_are_those_of_the_library(self):
        rows = (models.ROOT / "src" / "train" / "layers.def").read_text()
        trained = set(re.findall(r'^LAYER\("(\w+)"', rows, re.M))
        self.assertEqual(set(layers.CLASSES), trained | {"InputLayer"})
        self.assertEqual(set(EVERY) | set(MERGING), trained)

    def check(self, model, x):
        """Trains a step, and survives both files."""
        y = np.random.default_rng(1).random((len(x), 2)).astype(np.float32)
        model.compile("adam", "mse")
        before = model.evaluate(x, y, verbose=0)
        quiet(model, x, y, epochs=20, batch_size=4)
        self.assertLess(model.evaluate(x, y, verbose=0), before)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("m.keras", "m.h5"):
                path = os.path.join(folder, name)
                model.save(path)
                again = keras.models.load_model(path)
                np.testing.assert_array_equal(again.predict(x, verbose=0),
                                              model.predict(x, verbose=0))
                self.assertEqual([layer.get_config() for layer in again.layers],
                                 [layer.get_config() for layer in model.layers])

    def test_alone(self):
        random = np.random.default_rng(0)
        for name, (shape, options) in EVERY.items():
            with self.subTest(name):
                keras.utils.set_random_seed(3)
                model = keras.Sequential([keras.Input(shape), getattr(layers, name)(**options),
                                          layers.Flatten(), layers.Dense(2)])
                self.check(model, random.integers(0, 10, (8, *shape)).astype(np.float32) / (
                    1 if name == "Embedding" else 10))

    def test_merging(self):
        x = np.random.default_rng(0).random((8, 4)).astype(np.float32)
        for name in MERGING:
            with self.subTest(name):
                keras.utils.set_random_seed(3)
                inputs = keras.Input((4,))
                sides = [layers.Dense(3)(inputs), layers.Dense(3, "tanh")(inputs)]
                outputs = layers.Dense(2)(getattr(layers, name)()(sides))
                self.check(keras.Model(inputs, outputs), x)
        one, other = keras.Input((2,)), keras.Input((2,), name="other")
        model = keras.Model([one, other], layers.Dense(2)(layers.concatenate([one, other]) * 2.0))
        np.testing.assert_array_equal(
            model.predict([x[:, :2], x[:, 2:]], verbose=0),
            model.predict({one.name: x[:, :2], "other": x[:, 2:]}, verbose=0))
        self.assertIn("concatenate", printed(model.summary))


class Callbacks(unittest.TestCase):
    def test_order(self):
        told = []

        class Listener(keras.callbacks.Callback):
            def on_train_begin(self, logs=None):
                told.append("begin")

            def on_epoch_begin(self, epoch, logs=None):
                told.append("epoch %d" % epoch)

            def on_train_batch_end(self, batch, logs=None):
                told.append("batch %d" % batch)
                assert "loss" in logs

            def on_epoch_end(self, epoch, logs=None):
                told.append("end %d" % epoch)
                self.model.stop_training = epoch == 1

            def on_train_end(self, logs=None):
                told.append("done")

        x, y = clusters(64)
        quiet(dense(), x, y, epochs=5, callbacks=[Listener()])
        self.assertEqual(told, ["begin", "epoch 0", "batch 0", "batch 1", "end 0", "epoch 1",
                                "batch 0", "batch 1", "end 1", "done"])

    def test_early_stopping(self):
        x, y = clusters()
        model = dense(keras.optimizers.SGD(0.0))
        stop = keras.callbacks.EarlyStopping("loss", patience=2, restore_best_weights=True)
        self.assertEqual(len(quiet(model, x, y, epochs=20, callbacks=[stop]).epoch), 3)

    def test_checkpoints_and_table(self):
        x, y = clusters()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "at_{epoch:02d}.keras")
            table = os.path.join(folder, "log.csv")
            quiet(dense(), x, y, epochs=2, validation_split=0.25, callbacks=[
                keras.callbacks.ModelCheckpoint(path), keras.callbacks.CSVLogger(table)])
            self.assertEqual(sorted(os.listdir(folder)), ["at_01.keras", "at_02.keras", "log.csv"])
            lines = pathlib.Path(table).read_text().splitlines()
            self.assertEqual(lines[0], "epoch,accuracy,loss,val_accuracy,val_loss")
            self.assertEqual(len(lines), 3)
            again = keras.models.load_model(path.format(epoch=2))
            self.assertEqual(len(again.get_weights()), 4)

    def test_errors_come_through(self):
        def fail(*_):
            raise KeyError("mine")
        x, y = clusters(64)
        with self.assertRaisesRegex(KeyError, "mine"):
            quiet(dense(), x, y, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=fail)])

    def test_learning_rate(self):
        x, y = clusters()
        model = dense("sgd")
        rates = []
        quiet(model, x, y, epochs=3, callbacks=[
            keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.1 * 0.5**epoch),
            keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(
                model.optimizer.learning_rate))])
        self.assertEqual(rates, [0.1, 0.05, 0.025])
        plateau = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=9)
        quiet(model, x, y, epochs=3, callbacks=[plateau])
        self.assertEqual(model.optimizer.learning_rate, 0.025 / 4)


class Files(unittest.TestCase):
    def test_every_format(self):
        x, y = clusters()
        model = dense()
        quiet(model, x, y, epochs=2)
        scores = model.predict(x, verbose=0)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("m.keras", "m.h5", "saved_model"):
                with self.subTest(name):
                    path = os.path.join(folder, name)
                    model.save(path)
                    again = keras.models.load_model(path)
                    np.testing.assert_array_equal(again.predict(x, verbose=0), scores)
                    self.assertEqual(again.evaluate(x, y, verbose=0),
                                     model.evaluate(x, y, verbose=0))
                    self.assertEqual(again.metrics_names, ["loss", "accuracy"])
                    quiet(again, x, y)
                    small = converter.TFLiteConverter.from_saved_model(path).convert()
                    runs = Interpreter(model_content=small)
                    runs.allocate_tensors()
                    runs.set_tensor(runs.get_input_details()[0]["index"], x[:1])
                    runs.invoke()
                    np.testing.assert_allclose(
                        runs.get_tensor(runs.get_output_details()[0]["index"]), scores[:1],
                        atol=1e-5)
            self.assertEqual(converter.TFLiteConverter.from_keras_model(model).convert(), small)
            with self.assertRaises(FileExistsError):
                model.save(path, overwrite=False)
            for name in ("only.weights.h5", "m.keras", "m.h5"):
                weights = os.path.join(folder, name)
                if name == "only.weights.h5":
                    model.save_weights(weights)
                other = dense()
                other.load_weights(weights)
                np.testing.assert_array_equal(other.predict(x, verbose=0), scores)


class Printing(unittest.TestCase):
    def test_lines(self):
        x, y = clusters(64)
        model = dense()
        told = printed(model.fit, x, y, epochs=2, validation_split=0.5).splitlines()
        self.assertEqual(told[::2], ["Epoch 1/2", "Epoch 2/2"])
        self.assertRegex(told[1], r"^1/1 \u2501{20} \d+s \d+[mu]?s/step - accuracy: [\d.e+-]+ - loss: "
                                  r"[\d.]+ - val_accuracy: [\d.e+-]+ - val_loss: [\d.]+$")
        self.assertRegex(printed(model.fit, x, y, verbose=2).splitlines()[1],
                         r"^2/2 - \d+s - \d+[mu]?s/step - accuracy: [\d.e+-]+ - loss: [\d.]+$")
        self.assertEqual(printed(model.fit, x, y, verbose=0), "")
        self.assertTrue(printed(model.evaluate, x, y).startswith("2/2"))

    def test_summary(self):
        told = printed(dense().summary)
        self.assertIn("Total params: 131 (524.00 B)", told)
        row = next(line for line in told.splitlines() if "(None, 16)" in line)
        self.assertEqual(len(row), 76)
        self.assertTrue(row.endswith("\u2502            80 \u2502"), row)


class Data(unittest.TestCase):
    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "fashion-mnist"))
            for part, count in (("train", 3), ("t10k", 2)):
                pixels = bytes(range(4)) * count
                for name, head in (("images-idx3", struct.pack(">IIII", 0x803, count, 2, 2)),
                                   ("labels-idx1", struct.pack(">II", 0x801, count))):
                    body = pixels if name.startswith("images") else bytes(range(count))
                    with gzip.open(os.path.join(folder, "fashion-mnist", "%s-%s-ubyte.gz" %
                                                (part, name)), "wb") as file:
                        file.write(head + body)
            with mock.patch.dict(os.environ, {"MIDGE_DATASETS": folder, "HOME": folder}):
                (x, y), (u, v) = keras.datasets.fashion_mnist.load_data()
                self.assertEqual((x.shape, x.dtype, y.tolist()), ((3, 2, 2), np.uint8, [0, 1, 2]))
                self.assertEqual((u[1].tolist(), v.tolist()), ([[0, 1], [2, 3]], [0, 1]))
                with self.assertRaises(FileNotFoundError) as caught:
                    keras.datasets.mnist.load_data()
                for word in ("mnist", "MIDGE_DATASETS", "~/.keras/datasets"):
                    self.assertIn(word, str(caught.exception))
                os.mkdir(os.path.join(folder, "mnist"))
                np.savez(os.path.join(folder, "mnist", "mnist.npz"), x_train=x, y_train=y,
                         x_test=u, y_test=v)
                self.assertEqual(keras.datasets.mnist.load_data()[0][0].shape, (3, 2, 2))

    def test_to_categorical(self):
        self.assertEqual(keras.utils.to_categorical([0, 2]).tolist(), [[1, 0, 0], [0, 0, 1]])
        with self.assertRaisesRegex(ValueError, "0 to 1"):
            keras.utils.to_categorical([0, 2], 2)


if __name__ == "__main__":
    unittest.main()

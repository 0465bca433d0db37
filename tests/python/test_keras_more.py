# SPDX-License-Identifier: Apache-2.0
"""midge.keras: batches, schedules, weights as files, pictures, and what is refused."""
import os
import pickle
import tarfile
import tempfile
import unittest

import numpy as np

try:
    from midge import keras
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).get_weights()
except (ImportError, ValueError) as error:
    raise unittest.SkipTest("the library trains no models: %s" % error)
layers, schedules = keras.layers, keras.optimizers.schedules


def points(count=96, seed=0):
    """Points on two sides of a plane."""
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, (count, 3)).astype(np.float32)
    return x, (x.sum(1) > 0).astype(np.int64)


def small(optimizer="sgd", metrics=("accuracy",)):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="tanh"),
                              layers.Dense(2, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=list(metrics))
    return model


class Batched(keras.utils.PyDataset):
    def __init__(self, x, y, size=16):
        super().__init__()
        self.x, self.y, self.size, self.ended = x, y, size, 0

    def __len__(self):
        return -(-len(self.x) // self.size)

    def __getitem__(self, index):
        part = slice(index * self.size, (index + 1) * self.size)
        return self.x[part], self.y[part]

    def on_epoch_end(self):
        self.ended += 1


class BatchesOfOnesOwn(unittest.TestCase):
    def setUp(self):
        self.x, self.y = points()
        self.model = small()
        self.model.fit(self.x, self.y, batch_size=16, epochs=3, shuffle=False, verbose=0,
                       validation_data=(self.x, self.y))
        self.wanted = self.model.get_weights()

    def check(self, model, history):
        for one, other in zip(model.get_weights(), self.wanted):
            np.testing.assert_array_equal(one, other)
        for name, values in self.model.history.history.items():
            np.testing.assert_allclose(history.history[name], values, rtol=1e-5, atol=1e-7)

    def test_data_set(self):
        model, data = small(), Batched(self.x, self.y)
        self.check(model, model.fit(data, epochs=3, shuffle=False, verbose=0,
                                    validation_data=data))
        self.assertGreaterEqual(data.ended, 3)
        np.testing.assert_allclose(model.evaluate(data, verbose=0),
                                   model.evaluate(self.x, self.y, verbose=0), rtol=1e-5)
        np.testing.assert_array_equal(model.predict(data, verbose=0),
                                      model.predict(self.x, verbose=0))
        model.fit(data, epochs=1, verbose=0)  # in another order
        self.assertIs(keras.utils.Sequence, keras.utils.PyDataset)
        self.assertEqual(len(data.take(2)), 2)
        np.testing.assert_array_equal(data.skip(2).map(lambda x, y: (2 * x, y))[0][0],
                                      2 * self.x[32:48])

    def test_generators(self):
        def endless():
            while True:
                yield from Batched(self.x, self.y)
        model = small()
        self.check(model, model.fit(endless(), epochs=3, steps_per_epoch=6, verbose=0,
                                    validation_data=(self.x, self.y)))
        model = small()
        self.assertEqual(len(model.fit(iter(Batched(self.x, self.y)), verbose=0).epoch), 1)
        self.assertEqual(model.optimizer.iterations, 6)
        with self.assertRaisesRegex(ValueError, "ran out of batches after 6 of 7"):
            small().fit(iter(Batched(self.x, self.y)), steps_per_epoch=7, verbose=0)
        with self.assertRaisesRegex(ValueError, "no batches"):
            small().fit(Batched(self.x[:0], self.y), verbose=0)
        with self.assertRaisesRegex(ValueError, "3 parts|4 parts|parts"):
            small().fit(iter([(1, 2, 3, 4)]), verbose=0)

    def test_weights_and_stopping(self):
        weights = np.where(self.y == 1, 0.25, 2.0)
        parts = Batched(self.x, self.y)
        with_weights = [(*parts[i], weights[16 * i:16 * i + 16]) for i in range(len(parts))]
        one, other, third = small(), small(), small()
        one.fit(self.x, self.y, batch_size=16, shuffle=False, sample_weight=weights, verbose=0)
        other.fit(iter(with_weights), verbose=0)
        third.fit(parts, class_weight={0: 2.0, 1: 0.25}, shuffle=False, verbose=0)
        for model in (other, third):
            for a, b in zip(model.get_weights(), one.get_weights()):
                np.testing.assert_allclose(a, b, atol=1e-6)

        class Stop(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                self.model.stop_training = batch == 2
        stopped = small()
        stopped.fit(parts, epochs=4, callbacks=[Stop()], verbose=0)
        self.assertEqual(stopped.optimizer.iterations, 3)

    def test_first_batch_tells_the_shape(self):
        model = keras.Sequential([layers.Dense(2, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(Batched(self.x, self.y), verbose=0)
        self.assertEqual(model.input_shape, (None, 3))

    def test_on_batch(self):
        model = small()
        self.assertEqual(model.test_on_batch(self.x, self.y),
                         model.evaluate(self.x, self.y, verbose=0))
        self.assertEqual(model.train_on_batch(self.x, self.y, return_dict=True).keys(),
                         {"loss", "accuracy"})
        self.assertEqual(model.predict_on_batch(self.x).shape, (96, 2))


RATES = (  # of Keras, for steps 0, 7, 25 and 60
    ("ExponentialDecay", "0.1, 10, 0.7", (0.1, 0.07790559, 0.04099634, 0.0117649)),
    ("ExponentialDecay", "0.1, 10, 0.7, True", (0.1, 0.1, 0.049, 0.0117649)),
    ("InverseTimeDecay", "0.1, 10, 0.5", (0.1, 0.07407407, 0.04444445, 0.025)),
    ("PolynomialDecay", "0.1, 50, 0.01, 2.0", (0.1, 0.076564, 0.0325, 0.01)),
    ("PolynomialDecay", "0.1, 16, 0.01, cycle=True", (0.1, 0.060625, 0.0296875, 0.015625)),
    ("CosineDecay", "0.1, 50, 0.1", (0.1, 0.09571722, 0.055, 0.01)),
    ("CosineDecay", "0.0, 40, warmup_target=0.1, warmup_steps=10", (0, 0.07, 0.06913417, 0)),
    ("CosineDecayRestarts", "0.1, 10, m_mul=0.8, alpha=0.05",
     (0.1, 0.0245802, 0.01612994, 0.01390395)),
    ("PiecewiseConstantDecay", "[7, 30], [0.1, 0.05, 0.01]", (0.1, 0.1, 0.05, 0.01)),
)


class Schedules(unittest.TestCase):
    def test_rates(self):
        for name, arguments, rates in RATES:
            with self.subTest(name + arguments):
                made = eval("schedules.%s(%s)" % (name, arguments))
                np.testing.assert_allclose([made(step) for step in (0, 7, 25, 60)], rates,
                                           atol=1e-7)
                again = schedules.deserialize(made.describe())
                self.assertEqual(again.get_config(), made.get_config())

    def test_training(self):
        x, y = points()
        for name, arguments, _ in RATES:
            with self.subTest(name + arguments):
                made = eval("schedules.%s(%s)" % (name, arguments))
                model, other = small(keras.optimizers.SGD(made)), small(keras.optimizers.SGD(0.1))
                model.fit(x, y, batch_size=8, shuffle=False, verbose=0)
                self.assertEqual(model.optimizer.iterations, 12)
                self.assertAlmostEqual(model.optimizer.learning_rate, float(made(12)))
                for step in range(12):  # the library's rates are Python's
                    other.set_learning_rate(float(made(step)))
                    other.train_on_batch(x[8 * step:8 * step + 8], y[8 * step:8 * step + 8])
                for a, b in zip(model.get_weights(), other.get_weights()):
                    np.testing.assert_allclose(a, b, atol=1e-6)

    def test_files_and_refusals(self):
        x, y = points()
        model = small(keras.optimizers.Adam(schedules.ExponentialDecay(0.1, 5, 0.5)))
        model.fit(x, y, epochs=2, verbose=0)
        with tempfile.TemporaryDirectory() as folder:
            model.save(os.path.join(folder, "m.keras"))
            again = keras.models.load_model(os.path.join(folder, "m.keras"))
        self.assertEqual(again.optimizer.schedule.get_config(),
                         model.optimizer.schedule.get_config())
        self.assertEqual(again.optimizer.learning_rate, model.optimizer.learning_rate)
        model.fit(x, y, shuffle=False, verbose=0)
        again.fit(x, y, shuffle=False, verbose=0)
        for a, b in zip(model.get_weights(), again.get_weights()):
            np.testing.assert_array_equal(a, b)
        with self.assertRaisesRegex(TypeError, "a schedule decides"):
            model.optimizer.learning_rate = 0.1
        with self.assertRaisesRegex(TypeError, "a schedule decides"):
            model.fit(x, y, verbose=0, callbacks=[
                keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)])
        with self.assertRaisesRegex(TypeError, "LearningRateScheduler"):
            keras.optimizers.SGD(lambda: 0.1)

        class Mine(schedules.LearningRateSchedule):
            pass
        with self.assertRaisesRegex(TypeError, "LearningRateScheduler"):
            keras.optimizers.SGD(Mine())
        with self.assertRaisesRegex(ValueError, "one less"):
            schedules.PiecewiseConstantDecay([1], [1])
        with self.assertRaisesRegex(ValueError, "decay_steps"):
            small(keras.optimizers.SGD(schedules.CosineDecay(0.1, 0)))


class Weights(unittest.TestCase):
    def test_the_optimizer_goes_on(self):
        x, y = points()
        model, other = small("adam"), small("adam")
        model.fit(x, y, epochs=2, verbose=0)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.weights.h5")
            model.save_weights(path)
            other.load_weights(path)
            self.assertEqual(other.optimizer.iterations, 6)
            for one in (model, other):
                one.fit(x, y, shuffle=False, verbose=0)
            for a, b in zip(model.get_weights(), other.get_weights()):
                np.testing.assert_array_equal(a, b)
            with self.assertRaisesRegex(ValueError, "m.weights.h5"):
                keras.Sequential([keras.Input((3,)), layers.Dense(7)]).load_weights(path)
            with self.assertRaisesRegex(ValueError, ".weights.h5"):
                model.save_weights(os.path.join(folder, "m.h5"))
            with self.assertRaises(FileExistsError):
                model.save_weights(path, overwrite=False)
            with self.assertRaises(OSError):
                model.load_weights(os.path.join(folder, "no.weights.h5"))
            with self.assertRaisesRegex(ValueError, "skip_mismatch"):
                model.load_weights(path, skip_mismatch=True)
            best = os.path.join(folder, "best.weights.h5")
            model.fit(x, y, verbose=0, callbacks=[
                keras.callbacks.ModelCheckpoint(best, "loss", save_weights_only=True)])
            other.load_weights(best)
            np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


class Pictures(unittest.TestCase):
    def setUp(self):
        try:
            from PIL import Image
        except ImportError:
            self.skipTest("there is no Pillow")
        self.folder = self.enterContext(tempfile.TemporaryDirectory()) if hasattr(
            self, "enterContext") else tempfile.mkdtemp()
        random = np.random.default_rng(0)
        for name, shade in (("dark", 40), ("light", 200)):
            os.mkdir(os.path.join(self.folder, name))
            for number in range(6):
                pixels = random.integers(shade - 40, shade + 40, (9, 7, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(os.path.join(self.folder, name, "%d.png" % number))

    def make(self, **more):
        return keras.utils.image_dataset_from_directory(self.folder, image_size=(6, 8),
                                                        batch_size=5, **more)

    def test_batches(self):
        data = self.make(shuffle=False)
        self.assertEqual((len(data), data.class_names), (3, ["dark", "light"]))
        x, y = data[0]
        self.assertEqual((x.shape, x.dtype, y.tolist()), ((5, 6, 8, 3), np.float32, [0] * 5))
        self.assertEqual(data[2][0].shape[0], 2)
        self.assertEqual(self.make(shuffle=False, label_mode="categorical")[2][1].tolist(),
                         [[0, 1]] * 2)
        self.assertEqual(self.make(label_mode="binary")[0][1].shape, (5, 1))
        self.assertEqual(self.make(label_mode=None, color_mode="grayscale")[0].shape, (5, 6, 8, 1))
        one, other = (self.make(seed=3, validation_split=0.25, subset=subset)
                      for subset in ("training", "validation"))
        self.assertEqual((len(one.file_paths), len(other.file_paths)), (9, 3))
        self.assertFalse(set(one.file_paths) & set(other.file_paths))
        both = self.make(seed=3, validation_split=0.25, subset="both")
        self.assertEqual([part.file_paths for part in both], [one.file_paths, other.file_paths])

    def test_training(self):
        keras.utils.set_random_seed(1)
        train, held = self.make(seed=3, validation_split=0.25, subset="both")
        model = keras.Sequential([keras.Input((6, 8, 3)), layers.Rescaling(1 / 127.5, -1),
                                  layers.Flatten(), layers.Dense(2, activation="softmax")])
        model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy",
                      metrics=["accuracy"])
        history = model.fit(train.cache().shuffle(10).prefetch(2), validation_data=held, epochs=20,
                            verbose=0)
        self.assertEqual(history.history["val_accuracy"][-1], 1.0)

    def test_scaling_is_tensorflows(self):
        from midge.keras._pictures import _scale
        pixels = np.float32([[0, 2, 6, 12], [3, 13, 8, 5], [4, 5, 8, 13]])[..., None]
        np.testing.assert_allclose(_scale(pixels, (5, 3), "bilinear")[..., 0], [
            [0.3333333, 4, 11], [2.0666666, 6.6, 8.8], [4.6666667, 10.5, 5.5],
            [4.3666667, 8.1, 9.5], [4.1666665, 6.5, 12.166667]], atol=2e-6)
        self.assertEqual(_scale(pixels, (5, 3), "nearest")[:, 1, 0].tolist(), [6, 6, 8, 8, 8])

    def test_refusals(self):
        with self.assertRaisesRegex(FileNotFoundError, "no folder"):
            keras.utils.image_dataset_from_directory("/no/such")
        with self.assertRaisesRegex(ValueError, "same seed"):
            self.make(validation_split=0.5, subset="training")
        with self.assertRaisesRegex(ValueError, "goes with subset"):
            self.make(validation_split=0.5)
        with self.assertRaisesRegex(ValueError, "no folder in"):
            self.make(class_names=["dark", "grey"])
        with open(os.path.join(self.folder, "dark", "0.png"), "wb") as file:
            file.write(b"nothing")
        with self.assertRaisesRegex(ValueError, "dark.0.png is no picture"):
            list(self.make())
        with tempfile.TemporaryDirectory() as empty, self.assertRaisesRegex(
                FileNotFoundError, "has no pictures"):
            keras.utils.image_dataset_from_directory(empty)


class Cifar(unittest.TestCase):
    def make(self, folder, decode):
        random, made = np.random.default_rng(0), []
        for name in ["data_batch_%d" % i for i in range(1, 6)] + ["test_batch"]:
            data, labels = random.integers(0, 256, (2, 3072)).astype(np.uint8), [3, 9]
            made.append(data)
            with open(os.path.join(folder, name + (".bin" if decode == "bin" else "")), "wb") as f:
                if decode == "bin":
                    f.write(np.hstack([np.uint8(labels)[:, None], data]).tobytes())
                else:
                    pickle.dump({b"data": data, b"labels": labels}, f, 2)
        return made

    def test_forms(self):
        for form in ("bin", "py"):
            with tempfile.TemporaryDirectory() as folder:
                made = self.make(folder, form)
                (x, y), (u, v) = keras.datasets.cifar10.load_data(folder)
                self.assertEqual((x.shape, x.dtype, y.shape), ((10, 32, 32, 3), np.uint8, (10, 1)))
                self.assertEqual((u.shape, v.tolist()), ((2, 32, 32, 3), [[3], [9]]))
                np.testing.assert_array_equal(x[0, :, :, 1].ravel(), made[0][0][1024:2048])
                with tempfile.TemporaryDirectory() as other:
                    name = "cifar-10-%s.tar.gz" % ("binary" if form == "bin" else "python")
                    with tarfile.open(os.path.join(other, name), "w:gz") as packed:
                        packed.add(folder, "cifar-10-batches-" + form)
                    np.testing.assert_array_equal(
                        keras.datasets.cifar10.load_data(other)[0][0], x)

    def test_hostile(self):
        class Evil:
            def __reduce__(self):
                return os.system, ("false",)
        with tempfile.TemporaryDirectory() as folder:
            self.make(folder, "py")
            for content in (pickle.dumps(Evil()), pickle.dumps({}), b"", b"\x80"):
                with open(os.path.join(folder, "data_batch_3"), "wb") as file:
                    file.write(content)
                with self.assertRaisesRegex(ValueError, "data_batch_3 is damaged"):
                    keras.datasets.cifar10.load_data(folder)
            with self.assertRaisesRegex(FileNotFoundError, "cifar-10-binary.tar.gz"):
                os.remove(os.path.join(folder, "data_batch_3"))
                keras.datasets.cifar10.load_data(folder)


class Absent(unittest.TestCase):
    def test_nearest(self):
        for module, name, near in (
                (keras, "Functionl", None), (keras.layers, "Dens", "Dense"),
                (keras.optimizers, "Nadam", "Adam"), (keras.losses, "MeanSquaredEror",
                                                     "MeanSquaredError"),
                (keras.callbacks, "EarlyStop", "EarlyStopping"), (keras.utils, "to_categoric",
                                                                  "to_categorical"),
                (keras.datasets, "cifar100", "cifar10"), (keras.activations, "relu7", "relu")):
            with self.assertRaises(AttributeError) as caught:
                getattr(module, name)
            self.assertIn(name, str(caught.exception))
            if near:
                self.assertIn("the nearest is %r" % near, str(caught.exception))

    def test_classes_of_ones_own(self):
        for pattern, make in (
                (r"class Mine with its own call\(\).*Model\(inputs, outputs\)",
                 lambda: type("Mine", (keras.Model,), {"call": lambda self, x: x})),
                (r"class Mine with its own train_step\(\)",
                 lambda: type("Mine", (keras.Model,), {"train_step": lambda self, x: x})),
                (r"class Mine with its own call\(\).*layers",
                 lambda: type("Mine", (layers.Layer,), {"call": lambda self, x: x})),
                (r"without inputs and outputs.*Sequential",
                 lambda: type("Mine", (keras.Model,), {})())):
            with self.assertRaisesRegex(TypeError, pattern) as caught:
                make()
            self.assertNotIn("\n", str(caught.exception))


if __name__ == "__main__":
    unittest.main()

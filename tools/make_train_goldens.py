#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/train/*.golden: models that Keras trained for some steps, for test_train_goldens.

usage: make_train_goldens.py [FOLDER] [NAME …]      needs tensorflow and keras 3

A file is text, then floats:
    the model's JSON with its compile settings, in one line; or, where Keras had trained before, the
    name of the file beside it that Keras saved then
    batches B count C x X y Y steps S weights W
    W lines: layer, weight, elements
    x: B * C * X   y: B * C * Y   losses of the S steps   weights before   weights after
Step s takes batch s mod B.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers, losses, optimizers  # noqa: E402

BATCHES, COUNT = 3, 6
CASES = {}
BEFORE, AFTER = 20, 60  # steps of Keras until it saves, and of both from there


def case(steps=100, count=COUNT):
    def add(function):
        CASES[function.__name__] = (function, steps, count)
        return function
    return add


def going_on(ending):
    """A case that begins with a file of Keras, optimiser and all."""
    def add(function):
        CASES["continue_" + function.__name__] = (function, AFTER, COUNT, ending)
        return function
    return add


def sequence(shape, *parts):
    return keras.Sequential([keras.Input(shape), *parts])


def small(optimizer, loss="mse"):
    model = sequence((6,), layers.Dense(5, activation="tanh"), layers.Dense(3))
    model.compile(optimizer, loss)
    return model


for name, optimizer in {
    "sgd": optimizers.SGD(0.05),
    "sgd_momentum": optimizers.SGD(0.02, momentum=0.9),
    "sgd_nesterov": optimizers.SGD(0.02, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": optimizers.Adam(0.01),
    "adam_amsgrad": optimizers.Adam(0.01, amsgrad=True, epsilon=1e-3),
    "adamw": optimizers.AdamW(0.01, weight_decay=0.05),
    "rmsprop": optimizers.RMSprop(0.005),
    "rmsprop_centered": optimizers.RMSprop(0.002, momentum=0.8, centered=True, epsilon=1e-3),
    "clip_norm": optimizers.SGD(0.05, clipnorm=0.1),
    "clip_global_norm": optimizers.SGD(0.05, global_clipnorm=0.2),
    "clip_value": optimizers.SGD(0.05, clipvalue=0.02),
}.items():
    CASES["optimizer_" + name] = ((lambda o: lambda: small(o))(optimizer), 100, COUNT)


for name, schedule in {
    "exponential": optimizers.schedules.ExponentialDecay(0.1, 10, 0.7),
    "staircase": optimizers.schedules.ExponentialDecay(0.1, 15, 0.7, staircase=True),
    "inverse_time": optimizers.schedules.InverseTimeDecay(0.1, 10, 0.5),
    "polynomial": optimizers.schedules.PolynomialDecay(0.1, 60, 0.01, power=2.0),
    # A power of two: TensorFlow multiplies by the reciprocal, whose rounding may begin a cycle early.
    "polynomial_cycle": optimizers.schedules.PolynomialDecay(0.1, 32, 0.01, cycle=True),
    "cosine": optimizers.schedules.CosineDecay(0.1, 80, alpha=0.1),
    "cosine_warm": optimizers.schedules.CosineDecay(0.0, 60, warmup_target=0.1, warmup_steps=20),
    "cosine_restarts": optimizers.schedules.CosineDecayRestarts(0.1, 20, m_mul=0.8, alpha=0.05),
    "piecewise": optimizers.schedules.PiecewiseConstantDecay([20, 50], [0.1, 0.05, 0.01]),
}.items():
    CASES["schedule_" + name] = ((lambda s: lambda: small(optimizers.SGD(s)))(schedule), 100, COUNT)


@going_on(".keras")
def sgd_momentum():
    return small(optimizers.SGD(0.02, momentum=0.9))


@going_on(".keras")
def adam_frozen():
    model = sequence((6,), layers.Dense(4, use_bias=False), layers.BatchNormalization(),
                     layers.Dense(4, activation="tanh", trainable=False), layers.Dense(3))
    model.compile(optimizers.Adam(0.01), "mse")
    return model


@going_on(".keras")
def adamw_amsgrad():
    return small(optimizers.AdamW(optimizers.schedules.ExponentialDecay(0.02, 30, 0.5),
                                  amsgrad=True, epsilon=1e-3))


@going_on(".keras")
def rmsprop():
    outside = keras.Input((6,))
    inside = keras.Sequential([keras.Input((6,)), layers.Dense(4, activation="tanh"),
                               layers.Dense(3)], name="inside")
    model = keras.Model(outside, layers.Add()([layers.Dense(3, name="later")(outside),
                                               inside(outside)]))
    model.compile(optimizers.RMSprop(0.002, momentum=0.8, centered=True, epsilon=1e-3), "mse")
    return model


@going_on(".h5")
def adam_legacy():
    return small(optimizers.Adam(0.01))


@case()
def loss_sparse_logits():
    model = sequence((6,), layers.Dense(8, activation="relu"), layers.Dense(4))
    model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


@case()
def loss_sparse_probabilities():
    model = sequence((6,), layers.Dense(4), layers.Softmax(), layers.Rescaling(1.0))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@case()
def loss_categorical():
    model = sequence((6,), layers.Dense(4, activation="softmax"))
    model.compile("sgd", losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=["accuracy"])
    return model


@case()
def loss_categorical_probabilities():
    model = sequence((6,), layers.Dense(4, activation="sigmoid"), layers.Rescaling(1.0))
    model.compile("sgd", "categorical_crossentropy")
    return model


@case()
def loss_binary():
    model = sequence((6,), layers.Dense(3, activation="sigmoid"))
    model.compile("sgd", losses.BinaryCrossentropy(label_smoothing=0.05), metrics=["accuracy"])
    return model


@case()
def loss_binary_probabilities():
    model = sequence((6,), layers.Dense(3, activation="sigmoid"), layers.Rescaling(1.0))
    model.compile("sgd", "binary_crossentropy")
    return model


@case()
def loss_absolute():
    return small(optimizers.SGD(0.01), "mae")


@case()
def loss_huber():
    return small(optimizers.SGD(0.01), losses.Huber())


@case()
def regularizers():
    model = sequence((6,), layers.Dense(5, activation="tanh", kernel_regularizer="l2"),
                     layers.Dense(3, kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02)))
    model.compile(optimizers.SGD(0.05), "mse")
    return model


@case(40, 4)
def convolution():
    model = sequence((7, 6, 2), layers.Conv2D(4, 3, strides=2, padding="same", activation="tanh"),
                     layers.Conv2D(3, (2, 3), dilation_rate=(1, 1), activation="elu"),
                     layers.Conv2D(2, 1), layers.Flatten(), layers.Dense(2))
    model.compile(optimizers.SGD(0.05), "mse")
    return model


@case(40, 4)
def convolution_1d():
    model = sequence((9, 3), layers.Conv1D(4, 3, padding="causal", dilation_rate=2),
                     layers.SeparableConv1D(3, 3, strides=2, padding="same"),
                     layers.MaxPooling1D(2), layers.GlobalAveragePooling1D(), layers.Dense(2))
    model.compile(optimizers.SGD(0.05), "mse")
    return model


@case(40, 4)
def depthwise():
    model = sequence((6, 6, 2), layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
                     layers.ReLU(6.0), layers.DepthwiseConv2D(3, strides=2),
                     layers.SeparableConv2D(3, 2, activation="relu"), layers.Flatten(),
                     layers.Dense(2))
    model.compile(optimizers.SGD(0.05), "mse")
    return model


@case(40, 4)
def pooling():
    model = sequence((7, 7, 2), layers.Conv2D(3, 2), layers.MaxPooling2D(2, 1),
                     layers.AveragePooling2D(3, 2, padding="same"), layers.GlobalMaxPooling2D(),
                     layers.Dense(2))
    model.compile(optimizers.SGD(0.05), "mse")
    return model


@case(40, 6)
def normalization():
    model = sequence((5, 5, 2), layers.ZeroPadding2D(((1, 0), (0, 2))), layers.Conv2D(4, 3, use_bias=False),
                     layers.BatchNormalization(momentum=0.9), layers.Activation("silu"),
                     layers.LayerNormalization(), layers.Flatten(),
                     layers.Dense(4, activation="tanh", use_bias=False),
                     layers.BatchNormalization(scale=False), layers.Dense(2))
    model.compile(optimizers.SGD(0.01), "mse")
    return model


@case(40, 6)
def frozen():
    model = sequence((5, 5, 2), layers.Conv2D(3, 3, trainable=False),
                     layers.BatchNormalization(trainable=False),
                     layers.Conv2D(3, 2, use_bias=False),
                     layers.BatchNormalization(), layers.Flatten(), layers.Dense(2))
    model.compile(optimizers.SGD(0.05), "mse")
    return model


@case(40, 6)
def functional():
    x = keras.Input((4, 4, 3))
    a = layers.Conv2D(4, 3, padding="same", activation="tanh")(x)
    gate = layers.Dense(4, activation="sigmoid")(layers.GlobalAveragePooling2D()(a))
    b = layers.Multiply()([a, layers.Reshape((1, 1, 4))(gate)])
    c = layers.Add()([a, b, a])
    d = layers.Concatenate()([c, x, layers.Subtract()([a, b])])
    e = layers.Maximum()([layers.Conv2D(3, 1)(d), layers.Conv2D(3, 1)(d)])
    shared = layers.Dense(3, activation="softplus")
    f = layers.Average()([shared(layers.Flatten()(e)), shared(layers.Reshape((48,))(x))])
    model = keras.Model(x, f)
    model.compile(optimizers.SGD(0.02), "mse")
    return model


@case(40, 5)
def lstm():
    model = sequence((5, 3), layers.LSTM(4, return_sequences=True),
                     layers.LSTM(3, go_backwards=True, recurrent_activation="hard_sigmoid"),
                     layers.Dense(2))
    model.compile(optimizers.SGD(0.1), "mse")
    return model


@case(40, 5)
def gru():
    model = sequence((5, 3), layers.GRU(4, return_sequences=True, go_backwards=True),
                     layers.GRU(3, activation="softsign"), layers.Dense(2))
    model.compile(optimizers.SGD(0.1), "mse")
    return model


@case(40, 5)
def embedding():
    model = sequence((4,), layers.Embedding(7, 3), layers.LSTM(3), layers.Dense(3))
    # With sparse gradients Keras squares what equal rows of a batch add one by one, so that only
    # rules without squares are the same.
    model.compile(optimizers.SGD(0.2), losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


@case(40, 5)
def activations():
    x = keras.Input((4,))
    names = ["relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid",
             "softplus", "softsign", "mish", "hard_sigmoid", "hard_silu", "exponential",
             "hard_tanh", "tanh_shrink", "log_sigmoid", "soft_shrink", "squareplus", "softmax",
             "log_softmax", "celu"]
    y = layers.Concatenate()([layers.Dense(3, activation=name)(x) for name in names])
    model = keras.Model(x, layers.Dense(2)(y))
    model.compile(optimizers.SGD(0.01), "mse")
    return model


def draw(model, random, count):
    shape = model.input_shape[1:]
    embedding = [part for part in model.layers if isinstance(part, layers.Embedding)]
    x = random.standard_normal((BATCHES, count, *shape)).astype(np.float32)
    if embedding:
        x = random.integers(0, embedding[0].input_dim, x.shape).astype(np.float32)
    loss = model.get_compile_config()["loss"]
    kind = loss if isinstance(loss, str) else loss["config"]["name"]
    classes = model.output_shape[-1]
    if "sparse" in kind:
        return x, random.integers(0, classes, (BATCHES, count, 1)).astype(np.float32)
    if "categorical" in kind:
        return x, np.eye(classes, dtype=np.float32)[random.integers(0, classes, (BATCHES, count))]
    y = random.standard_normal((BATCHES, count, classes)).astype(np.float32)
    return x, (y > 0).astype(np.float32) if "binary" in kind else y


def weights_of(model, outer=""):
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += weights_of(layer, outer + layer.name + "/")
        else:
            found += [(outer + layer.name, weight.name, np.array(weight.numpy(), np.float32))
                      for weight in layer.weights]
    return found


def make(name, folder):
    function, steps, count, *ending = CASES[name]
    keras.utils.clear_session()
    keras.utils.set_random_seed(sum(map(ord, name)))
    random = np.random.default_rng(sum(map(ord, name)))
    model = function()
    x, y = draw(model, random, count)
    text = model.to_json()
    if ending:
        text = name + ending[0]
        for step in range(BEFORE):
            model.train_on_batch(x[step % BATCHES], y[step % BATCHES])
        model.save(os.path.join(folder, text))
    before = weights_of(model)
    found = []
    for step in range(steps):
        model.reset_metrics()
        result = model.train_on_batch(x[step % BATCHES], y[step % BATCHES])
        found.append(float(np.atleast_1d(result)[0]))
    after = weights_of(model)
    with open(os.path.join(folder, name + ".golden"), "wb") as file:
        file.write(text.encode() + b"\n")
        file.write(b"batches %d count %d x %d y %d steps %d weights %d\n" % (
            BATCHES, count, x[0, 0].size, y[0, 0].size, steps, len(before)))
        for layer, weight, values in before:
            file.write(f"{layer} {weight} {values.size}\n".encode())
        for values in [x, y, np.array(found), *[w[2] for w in before], *[w[2] for w in after]]:
            file.write(np.ascontiguousarray(values, np.float32).tobytes())
    print(f"{name}: loss {found[0]:.5f} -> {found[-1]:.5f}")


def main():
    arguments = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    folder = os.path.join(here, "..", "tests", "train")
    if arguments and os.path.isdir(arguments[0]):
        folder = arguments.pop(0)
    for name in arguments or CASES:
        make(name, folder)


if __name__ == "__main__":
    main()

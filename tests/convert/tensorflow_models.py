# SPDX-License-Identifier: Apache-2.0
"""Small modules of plain TensorFlow that the tests of conversion share. Each class has one method
with an input signature; its name in lower case is the test's. Values are fixed by a formula."""
import numpy as np
import tensorflow as tf


def numbers(*shape, scale=0.5):
    count = int(np.prod(shape))
    values = np.sin(np.arange(1, count + 1, dtype="f8") * 1.7) * scale
    return tf.constant(values.reshape(shape).astype("f4"))


def spec(shape, dtype=tf.float32, name="x"):
    return tf.TensorSpec(shape, dtype, name=name)


class Fashion(tf.Module):
    """The network of the beginners' tutorial, smaller."""

    def __init__(self):
        super().__init__()
        self.w1, self.b1 = tf.Variable(numbers(36, 8)), tf.Variable(numbers(8))
        self.w2, self.b2 = tf.Variable(numbers(8, 10)), tf.Variable(numbers(10))

    @tf.function(input_signature=[spec([None, 6, 6], name="image")])
    def __call__(self, image):
        hidden = tf.nn.relu(tf.reshape(image, [tf.shape(image)[0], -1]) @ self.w1 + self.b1)
        return {"logits": hidden @ self.w2 + self.b2}


class Image(tf.Module):
    """Pictures: windows, resizing, padding, normalisation in training's form."""

    def __init__(self):
        super().__init__()
        self.filter = tf.Variable(numbers(3, 3, 3, 4))
        self.depthwise = tf.Variable(numbers(3, 3, 4, 2))
        self.back = tf.Variable(numbers(2, 2, 3, 8))
        self.factors = [tf.Variable(numbers(4) + 1) for _ in range(4)]

    @tf.function(input_signature=[spec([None, 8, 10, 3], name="image")])
    def __call__(self, image):
        y = tf.nn.conv2d(image, self.filter, [1, 2, 1, 1], [[0, 0], [1, 1], [1, 0], [0, 0]])
        y = tf.compat.v1.nn.fused_batch_norm(y, *self.factors, is_training=False)[0]
        y = tf.nn.relu6(y)
        y = tf.nn.depthwise_conv2d(y, self.depthwise, [1, 1, 1, 1], "SAME")
        z = tf.nn.conv2d_transpose(y, self.back, [tf.shape(y)[0], 8, 18, 3], [1, 2, 2, 1], "SAME")
        z = tf.image.resize(z, [5, 7])
        z = tf.pad(z, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
        small = tf.nn.max_pool2d(z, 2, 2, "VALID")
        deep = tf.nn.space_to_depth(tf.nn.avg_pool2d(z[:, :6, :8], 3, 1, "SAME"), 2)
        bright = tf.image.rgb_to_grayscale(tf.image.adjust_brightness(small, 0.25))
        return {"deep": deep, "gray": tf.image.flip_left_right(bright)}


class Patches(tf.Module):
    """Parts of pictures and matrices."""

    @tf.function(input_signature=[spec([1, 8, 6, 2])])
    def __call__(self, x):
        square = x[0, :6, :, 0]
        single = tf.where(square[:1, :1] > 0.0, square[:1, :1], 2.0 * square[:1, :1])
        return {"single": tf.reshape(single, [tf.shape(single)[0], -1]), "band": tf.linalg.band_part(square, 1, 0), "loss": tf.nn.l2_loss(square),
                "new": tf.tensor_scatter_nd_update(square, [[4], [1]], square[:2] * 2),
                "patches": tf.image.extract_patches(
                    x, [1, 4, 3, 1], [1, 4, 3, 1], [1, 1, 1, 1], "VALID"),
                "product": tf.math.xlogy(tf.nn.relu(square), tf.abs(square) + 0.5)}


class Audio(tf.Module):
    """Sound: frames, window, spectrum, mel bands."""

    def __init__(self):
        super().__init__()
        self.mel = tf.signal.linear_to_mel_weight_matrix(8, 33, 8000, 20.0, 4000.0)

    @tf.function(input_signature=[spec([None, 200], name="samples")])
    def __call__(self, samples):
        spectrum = tf.abs(tf.signal.stft(samples, 64, 32, 64))
        return {"mel": tf.math.log(tf.tensordot(spectrum, self.mel, 1) + 1e-3)}


class Arrays(tf.Module):
    """Cutting, joining, picking."""

    @tf.function(input_signature=[spec([None, 4, 6]), spec([2], tf.int32, "at")])
    def __call__(self, x, at):
        a, b, c = tf.split(x, [1, 2, 3], axis=2)
        rows = tf.unstack(x, axis=1)
        top = tf.math.top_k(x, 2)
        return {
            "a": tf.concat([a * 2, b, c[..., ::-1]], -1),
            "b": tf.stack([rows[0], rows[3]], 1)[:, tf.newaxis, :, 1:5:2],
            "c": tf.gather(x, at, axis=1) + tf.cast(tf.one_hot(at, 6), tf.float32),
            "d": tf.transpose(tf.tile(x, [1, 1, 2]), [2, 0, 1]),
            "e": tf.where(x > 0.5, x, tf.zeros_like(x)) + tf.cast(top.indices[..., :1], tf.float32),
            "f": tf.cumsum(tf.reverse(x, [1]), axis=2, exclusive=True),
            "g": tf.squeeze(tf.expand_dims(tf.reduce_max(x, [1, 2]), 0), 0),
            "h": tf.einsum("bij,bkj->bik", x, x[:, :2]),
            "i": tf.cast(tf.argmax(x, 2), tf.int32),
        }


class Elements(tf.Module):
    """Functions of each element."""

    @tf.function(input_signature=[spec([None, 12])])
    def __call__(self, x):
        positive = tf.abs(x) + 0.25
        parts = [tf.nn.softplus(x), tf.nn.softsign(x), tf.nn.selu(x), tf.nn.elu(x), tf.nn.gelu(x),
                 tf.nn.gelu(x, approximate=True), tf.nn.silu(x), tf.nn.leaky_relu(x, 0.1),
                 tf.math.log1p(positive), tf.math.expm1(x), tf.math.erf(x), tf.math.erfc(x),
                 tf.pow(positive, 1.5), tf.math.rsqrt(positive), tf.math.reciprocal(positive),
                 tf.math.divide_no_nan(x, tf.nn.relu(x)), tf.floor(x * 4), tf.round(x * 4),
                 tf.sin(x), tf.math.squared_difference(x, 1.0), tf.maximum(x, -0.5),
                 tf.clip_by_value(x, -0.3, 0.3), x // 0.3, tf.math.floormod(x, 0.3),
                 tf.nn.softmax(x), tf.nn.log_softmax(x), tf.nn.l2_normalize(x, 1)]
        return {"y": tf.add_n(parts), "each": tf.stack(parts, 1)}


class Control(tf.Module):
    """A branch, and a loop whose state is of fixed shape."""

    @tf.function(input_signature=[spec([1, 4]), spec([], tf.int32, "count")])
    def __call__(self, x, count):
        y = tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: x - 1)
        _, z = tf.while_loop(lambda i, _: i < count, lambda i, v: (i + 1, v * 0.5 + y),
                             [tf.constant(0), x])
        return {"y": y, "z": z}


class Angles(tf.Module):
    """Functions of angles, and kinds of numbers."""

    @tf.function(input_signature=[spec([None, 12])])
    def __call__(self, x):
        inside, above = x * 0.9, tf.abs(x) + 1.25
        parts = [tf.tan(x), tf.asin(inside), tf.acos(inside), tf.atan(x * 3), tf.sinh(x),
                 tf.cosh(x), tf.asinh(x * 2), tf.acosh(above), tf.atanh(inside)]
        odd = tf.math.log(x)  # of negative numbers and of zero, too
        kinds = [tf.math.is_finite(odd), tf.math.is_inf(odd), tf.math.is_nan(odd)]
        return {"y": tf.stack(parts, 1), "kinds": tf.cast(tf.stack(kinds, 1), tf.float32),
                "rolled": tf.roll(tf.roll(x, 3, 1), [-1, 20], [0, 1])}


class Colors(tf.Module):
    """Hue and saturation, there and back, and what is done with them."""

    @tf.function(input_signature=[spec([None, 5, 6, 3], name="image")])
    def __call__(self, image):
        image = image * 0.5 + 0.5
        gray = tf.concat([image[:, :1, :, :1]] * 3 + [], -1)
        image = tf.concat([image, gray, tf.zeros_like(gray)], 1)
        hsv = tf.image.rgb_to_hsv(image)
        return {"hsv": hsv, "rgb": tf.image.hsv_to_rgb(hsv),
                "hue": tf.image.adjust_hue(image, 0.3), "back": tf.image.adjust_hue(image, -0.7),
                "saturation": tf.image.adjust_saturation(image, 1.7),
                "contrast": tf.image.adjust_contrast(image, 1.5)}


class Tables(tf.Module):
    """Numbers by numbers, near to each other and far apart, and how often there are which."""

    def __init__(self):
        super().__init__()
        def table(keys, values, other):
            made = tf.lookup.KeyValueTensorInitializer(tf.constant(keys), tf.constant(values))
            return tf.lookup.StaticHashTable(made, tf.constant(other))
        self.near = table(np.int64([3, 1, 7]), np.int64([30, 10, 70]), np.int64(-1))
        self.far = table(np.int64([3, -2**40, 2**50]), np.float32([0.5, 1.5, 2.5]), np.float32(9))
        self.small = table(np.int32([2**31 - 1, 2]), np.int32([4, 5]), np.int32(6))

    @tf.function(input_signature=[spec([2, 5], tf.int32, "at")])
    def __call__(self, at):
        wide = tf.cast(at, tf.int64)
        return {"far": self.far.lookup(tf.concat([wide, wide * 0 + 2**50], 0)),
                "near": tf.cast(self.near.lookup(wide * 3 - 2), tf.int32),
                "size": tf.cast(self.near.size(), tf.int32), "small": self.small.lookup(at),
                "counts": tf.math.bincount(at, minlength=4, maxlength=4),
                "each": tf.math.bincount(at, minlength=3, maxlength=3, axis=-1),
                "weighted": tf.math.bincount(at, tf.cast(at, tf.float32) * 0.5, 4, 4, axis=-1),
                "any": tf.math.bincount(at, minlength=4, maxlength=4, axis=-1, binary_output=True)}


class Words(tf.Module):
    """Numbers by words and back."""

    def __init__(self):
        super().__init__()
        words, numbers = tf.constant(["one", "two", "", "größer"]), tf.constant(np.int64([1, 2, 0, 9]))
        self.number = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(words, numbers), -1)
        self.word = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(numbers, words), "none")

    @tf.function(input_signature=[spec([1, 6], tf.string, "word")])
    def __call__(self, word):
        number = self.number.lookup(word)
        again = self.number.lookup(self.word.lookup(number * 2))
        return {"number": tf.cast(number, tf.int32), "twice": tf.cast(again, tf.int32)}


class Steps(tf.Module):
    """LSTM layers as loops: "all" and "last" are what Keras writes, the others differ in something
    and must stay loops."""

    def __init__(self):
        super().__init__()
        self.kernel, self.recurrent = tf.Variable(numbers(3, 16)), tf.Variable(numbers(4, 16))
        self.bias = tf.Variable(numbers(16))

    def cell(self, x, h, c, squash=tf.tanh):
        z = tf.nn.bias_add(x @ self.kernel + h @ self.recurrent, self.bias)
        i, f, g, o = tf.split(z, 4, axis=1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * squash(g)
        return tf.sigmoid(o) * tf.tanh(c), c

    def loop(self, x, steps=5, first=None, squash=tf.tanh, late=0, size=5):
        x = tf.transpose(x, [1, 0, 2])
        rows = tf.TensorArray(tf.float32, 5).unstack(x)
        states = tf.zeros([2, 4]) if first is None else first

        def body(time, list, h, c):
            h, c = self.cell(rows.read(tf.maximum(time - late, 0) if late else time), h, c, squash)
            return time + 1, list.write(time if size > 1 else 0, h), h, c
        made = tf.while_loop(lambda time, *_: time < steps, body,
                             (0, tf.TensorArray(tf.float32, size, element_shape=[2, 4]), states,
                              states), maximum_iterations=steps)
        return tf.transpose(made[1].stack(), [1, 0, 2]), made[2], made[3]

    @tf.function(input_signature=[spec([2, 5, 3])])
    def __call__(self, x):
        return {"all": self.loop(x)[0], "last": self.loop(x * 2, size=1)[0],
                "hidden": self.loop(x[:, ::-1])[1], "cell": self.loop(x)[2],
                "fewer": self.loop(x, steps=3)[0], "first": self.loop(x, first=numbers(2, 4))[0],
                "relu": self.loop(x, squash=tf.nn.relu)[0], "late": self.loop(x, late=1)[0]}


class Layer(tf.Module):
    """LayerNormalization as Keras 2 writes it: each row a channel, normalised by itself."""

    @tf.function(input_signature=[spec([None, 4, 6])])
    def __call__(self, x):
        rows = tf.shape(x)[0] * 4
        y = tf.reshape(x, [1, rows, 6, 1])
        y = tf.compat.v1.nn.fused_batch_norm(y, tf.fill([rows], 1.0), tf.fill([rows], 0.0),
                                             epsilon=1e-3, data_format="NCHW")[0]
        return {"y": tf.reshape(y, tf.shape(x)) * numbers(6) + numbers(6, scale=0.1)}


class Gates(tf.Module):
    """Activations in several operations: the first ten are ones that .tflite has, the others look
    much like them."""

    @tf.function(input_signature=[spec([None, 12])])
    def __call__(self, x):
        slope = numbers(12)
        y, x = x * 0.5, x * 4
        relu6 = tf.nn.relu6(x + 3.0)
        gelu, cube = 1 + tf.math.erf(x / np.sqrt(2).astype("f4")), x * x * x
        bend = 1 + tf.tanh(np.sqrt(2 / np.pi).astype("f4") * (x + 0.044715 * cube))
        line = x / 6 + 0.5
        parts = [0.5 * x * gelu, x * (gelu * 0.5), x * gelu / 2, 0.5 * x * bend,
                 0.5 * x * tf.math.erfc(-x * np.sqrt(0.5).astype("f4")),
                 x * relu6 / 6, x * (relu6 * (1 / 6)), relu6 * (x / 6),
                 x * tf.clip_by_value(line, 0.0, 1.0), tf.nn.relu(x) + slope * tf.nn.relu(-x),
                 0.5 * y * gelu, 0.4 * x * gelu, x * relu6 / 5, y * relu6 / 6,
                 x * tf.clip_by_value(line, 0.0, 0.9), tf.nn.relu(y) + slope * tf.nn.relu(-x),
                 0.5 * x * (1 + tf.tanh(x + 0.044715 * cube)), 0.5 * x * (2 + tf.math.erf(x))]
        return {"each": tf.stack(parts, 1)}


class Lengths(tf.Module):
    """Division by the length: the first nine are L2_NORMALIZATION, the others look much like it."""

    @tf.function(input_signature=[spec([None, 3, 4])])
    def __call__(self, x):
        squares = tf.reduce_sum(tf.square(x), -1, keepdims=True)
        other = tf.reduce_sum(tf.square(x), 1, keepdims=True)
        length, inverse = tf.sqrt(tf.reduce_sum(x * x, 2, keepdims=True)), tf.math.rsqrt(squares)
        parts = [tf.math.l2_normalize(x, axis=-1), x / length, x / tf.maximum(length, 1e-4),
                 x / (length + 1e-7), inverse * x, x * tf.minimum(inverse, 1e7),
                 x * tf.math.rsqrt(squares + 1e-7), x / tf.norm(x, axis=2, keepdims=True),
                 x * tf.math.rsqrt(tf.reduce_sum(x * x, -1, keepdims=True)),
                 tf.math.l2_normalize(x, axis=1), tf.math.l2_normalize(x, axis=[1, 2]),
                 x * tf.math.rsqrt(other), 2.0 * x * inverse, length / x, x * tf.sqrt(squares),
                 x / tf.maximum(length, 0.5), x * tf.minimum(inverse, 2.0),
                 x * tf.math.rsqrt(squares + 0.1), tf.transpose(x) / tf.transpose(length),
                 x / tf.reduce_sum(x * x, 2, keepdims=True)]
        parts[18] = tf.transpose(parts[18])
        return {"each": tf.stack(parts, 1)}


ALL = [Fashion, Image, Patches, Audio, Arrays, Elements, Control, Angles, Colors, Tables, Words, Steps,
       Layer, Gates, Lengths]


def inputs(function):
    """The same numbers for each input by name, by a formula that the C test knows too."""
    made = {}
    for name, tensor in function.structured_input_signature[1].items():
        shape = [size or 1 for size in tensor.shape]
        index = np.arange(int(np.prod(shape)), dtype=np.int64)
        if tensor.dtype == tf.string:
            made[name] = np.array(["one", "two", "three", "größer", "", "on"])[index % 6].reshape(shape)
        elif tensor.dtype.is_integer:
            made[name] = (index * 7 % 3 + 1).astype(tensor.dtype.as_numpy_dtype).reshape(shape)
        else:
            made[name] = ((index * 37 % 201 - 100) / np.float32(100)).astype("f4").reshape(shape)
    return made

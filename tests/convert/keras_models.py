# SPDX-License-Identifier: Apache-2.0
"""Small Keras models, a few layers each, that the tests of conversion share. Each function gives a
model; its name is the test's. Weights are random but fixed, statistics of normalisation uneven."""
import keras
import numpy as np
from keras import layers as L

ops = getattr(keras, "ops", None)  # Keras 2 has none


def dense():
    x = keras.Input((7,), name="features")
    y = L.Dense(5, activation="relu")(x)
    y = L.BatchNormalization()(y)
    y = L.Dense(6, use_bias=False)(y)
    y = L.BatchNormalization(scale=False)(y)
    y = L.Activation("relu")(y)
    y = L.Dropout(0.5)(y)
    return keras.Model(x, L.Dense(3, activation="softmax")(y))


def sequence():
    return keras.Sequential([
        keras.Input((8, 9, 3)),
        L.ZeroPadding2D(((0, 1), (1, 2))),
        L.Conv2D(4, 3, strides=2, use_bias=False),
        L.BatchNormalization(center=False),
        L.ReLU(6.0),
        L.MaxPooling2D(2),
        L.Flatten(),
        L.Dense(4),
    ])


def convolution():
    x = keras.Input((10, 12, 4))
    a = L.Conv2D(6, (3, 2), padding="same", dilation_rate=2, activation="relu6")(x)
    b = L.Conv2D(6, 3, strides=(2, 3), groups=2)(x)
    c = L.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(x)
    c = L.BatchNormalization()(c)
    d = L.SeparableConv2D(5, 3, padding="same", depth_multiplier=2, activation="tanh")(x)
    e = L.Conv2DTranspose(3, 3, strides=2, padding="same")(x)
    f = L.Conv2DTranspose(3, (4, 3), strides=(1, 2), use_bias=False, activation="relu")(x)
    g = L.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1)(x)
    h = L.ReLU()(L.BatchNormalization()(L.Conv2DTranspose(2, 2, strides=2, use_bias=False)(x)))
    return keras.Model(x, [a, b, c, d, e, f, g, h])


def convolution_1d():
    x = keras.Input((16, 3))
    a = L.Conv1D(5, 3, padding="causal", dilation_rate=2, activation="relu")(x)
    a = L.Conv1D(4, 3, strides=2)(a)
    b = L.DepthwiseConv1D(3, padding="same")(x)
    c = L.SeparableConv1D(4, 3)(x)
    d = L.Conv1DTranspose(4, 3, strides=2)(x)
    e = L.BatchNormalization()(L.Conv1D(4, 1, use_bias=False)(x))
    f = L.MaxPooling1D(2)(x)
    g = L.AveragePooling1D(3, strides=2, padding="same")(x)
    return keras.Model(x, [a, b, c, d, e, f, g])


def pooling():
    x = keras.Input((9, 8, 3))
    return keras.Model(x, [
        L.MaxPooling2D((2, 3), padding="same")(x), L.AveragePooling2D(3, 2)(x),
        L.AveragePooling2D(3, 1, padding="same")(x), L.GlobalAveragePooling2D()(x),
        L.GlobalMaxPooling2D(keepdims=True)(x), L.UpSampling2D((2, 3))(x),
        L.UpSampling2D(2, interpolation="bilinear")(x),
        L.Cropping2D(((1, 2), (0, 3)))(x), L.ZeroPadding2D((1, 2))(x)])


def pooling_1d():
    x = keras.Input((9, 4))
    return keras.Model(x, [
        L.GlobalAveragePooling1D()(x), L.GlobalMaxPooling1D()(x), L.UpSampling1D(3)(x),
        L.ZeroPadding1D((2, 1))(x), L.Cropping1D((1, 3))(x)])


def activations():
    x = keras.Input((11,))
    names = ["linear", "relu", "relu6", "tanh", "sigmoid", "softmax", "log_softmax", "elu", "gelu",
             "silu", "hard_silu", "hard_sigmoid", "softplus", "softsign", "mish", "selu",
             "exponential", "leaky_relu", "celu", "tanh_shrink", "hard_tanh", "log_sigmoid",
             "soft_shrink", "squareplus"]
    return keras.Model(x, [L.Activation(n)(L.Dense(4)(x)) for n in names
                           if hasattr(keras.activations, n)])


def activation_layers():
    x = keras.Input((4, 5, 6))
    slope = {"negative_slope" if ops else "alpha": 0.3}
    return keras.Model(x, [
        L.ReLU(max_value=1)(x), L.ReLU(max_value=2.5)(x), L.ReLU(negative_slope=0.1)(x),
        L.LeakyReLU(**slope)(x), L.ELU(0.7)(x), L.ELU()(x),
        L.PReLU(shared_axes=[1, 2])(x), L.PReLU()(x), L.Softmax(axis=2)(x), L.Softmax()(x)])


def merging():
    a, b = keras.Input((4, 6), name="left"), keras.Input((4, 6), name="right")
    c = L.Dense(6)(a)
    return keras.Model([b, a], [
        L.Add()([a, b, c]), L.Subtract()([a, b]), L.Multiply()([a, b, c]), L.Average()([a, b, c]),
        L.Maximum()([a, b]), L.Minimum()([a, b, c]), L.Concatenate()([a, b]),
        L.Concatenate(axis=1)([a, b, c]), L.Dot(axes=(1, 1))([a, b]),
        L.Dot(axes=2, normalize=True)([a, b])])


def shapes():
    x = keras.Input((4, 6))
    return keras.Model(x, [
        L.Reshape((3, -1))(x), L.Permute((2, 1))(x), L.Flatten()(x),
        L.RepeatVector(3)(L.Flatten()(x)), L.Reshape((2, 2, 6))(x)])


def normalization():
    x = keras.Input((5, 4, 6))
    scale = L.Normalization(mean=np.arange(6.0), variance=np.arange(1.0, 7.0))
    return keras.Model(x, [
        L.LayerNormalization()(x), L.LayerNormalization(axis=[1, 2, 3], epsilon=1e-5)(x),
        L.BatchNormalization(axis=1)(x), L.Rescaling(1 / 127.5, -1)(x), L.Rescaling(2.0)(x),
        scale(x), L.UnitNormalization()(x), L.GroupNormalization(3)(x),
        *([L.RMSNormalization()(x)] if ops else [])])


def recurrent():
    x = keras.Input((6, 3))
    return keras.Model(x, [
        L.LSTM(4)(x), L.LSTM(5, return_sequences=True, use_bias=False)(x),
        L.LSTM(3, go_backwards=True)(x), *L.LSTM(3, return_state=True)(x),
        L.GRU(4)(x), L.GRU(3, return_sequences=True, reset_after=False)(x),
        L.GRU(3, go_backwards=True, return_sequences=True)(x),
        L.SimpleRNN(4)(x), L.SimpleRNN(3, return_sequences=True, activation="relu")(x)])


def bidirectional():
    x = keras.Input((6, 3))
    y = L.Bidirectional(L.LSTM(4, return_sequences=True))(x)
    return keras.Model(x, [
        y, L.Bidirectional(L.LSTM(3))(y), L.Bidirectional(L.GRU(3), merge_mode="sum")(x),
        L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="ave")(x),
        L.TimeDistributed(L.Dense(5))(x)])


def attention():
    x = keras.Input((6, 8))
    y = L.MultiHeadAttention(2, 4)(x, x)
    z = L.MultiHeadAttention(3, 4, value_dim=5, use_bias=False)(y, x, use_causal_mask=True)
    return keras.Model(x, [y, L.LayerNormalization()(L.Add()([x, z])), L.Attention()([x, x]),
                           L.Attention(use_scale=True)([x, y, z]),
                           L.AdditiveAttention()([x, y])])


def embedding():
    x = keras.Input((7,), dtype="int32")
    return keras.Model(x, L.GlobalAveragePooling1D()(L.Embedding(20, 5)(x)))


def masking():
    x = keras.Input((7,), dtype="int32")
    y = L.Embedding(20, 5, mask_zero=True)(x)
    z = L.Dropout(0.5)(L.LSTM(4, return_sequences=True)(y))
    b = L.Bidirectional(L.GRU(3, return_sequences=True))(z)
    w = L.Masking(0.25)(L.Dense(5)(y))
    n = L.LayerNormalization()(y)  # Keras takes the masks off what MultiHeadAttention has seen
    return keras.Model(x, [
        L.LSTM(3)(L.LayerNormalization()(y)), L.GRU(3, go_backwards=True)(y), b, L.LSTM(2)(b),
        L.SimpleRNN(3, return_sequences=True)(L.Add()([y, y])),
        L.GRU(2)(L.Concatenate()([y, z])), L.LSTM(2)(L.Concatenate(axis=1)([y, y])),
        L.GlobalAveragePooling1D()(y), L.MultiHeadAttention(2, 3)(n, n),
        L.MultiHeadAttention(2, 3, dropout=0.1)(L.LayerNormalization()(y), L.LayerNormalization()(z),
                                                use_causal_mask=True),
        L.Attention()([z, z]), L.SimpleRNN(2)(w), L.TimeDistributed(L.Dense(2))(y)])


def masked_sequence():
    return keras.Sequential([
        keras.Input((6,), dtype="int32"), L.Embedding(20, 4, mask_zero=True),
        L.Bidirectional(L.LSTM(3, return_sequences=True)), L.Dropout(0.2),
        L.Bidirectional(L.GRU(3)), L.Dense(2)])


def einsum():
    x = keras.Input((6, 8))
    y = L.EinsumDense("abc,cde->abde", (None, 3, 4), bias_axes="de")(x)
    z = L.EinsumDense("abcd,cde->abe", (None, 5), bias_axes="e")(y)
    return keras.Model(x, [y, z, L.EinsumDense("abc,cd->abd", (None, 4), activation="relu")(x)])


def nested():
    inner = keras.Sequential([keras.Input((6,)), L.Dense(4), L.BatchNormalization(), L.ReLU()],
                             name="inner")
    a = keras.Input((6,), name="deep_in")
    deep = keras.Model(a, [L.Dense(4, name="d")(inner(a)), L.Dense(2, name="e")(a)], name="deep")
    x, y = keras.Input((6,), name="x"), keras.Input((6,), name="y")
    shared = L.Dense(6, activation="tanh")
    p, q = deep(shared(x))
    r, s = deep(shared(y))
    return keras.Model([x, y], {"sum": L.Add()([p, r]), "tail": L.Concatenate()([q, s])})


def images():
    x = keras.Input((8, 10, 3))
    return keras.Model(x, [
        L.Resizing(5, 7)(x), L.Resizing(16, 5, interpolation="nearest")(x), L.CenterCrop(4, 6)(x),
        L.RandomFlip()(x), L.GaussianNoise(0.1)(x)])


def functions():
    x = keras.Input((4, 6))
    y = x * 2.0 + 1.0
    z = ops.mean(x, axis=-1, keepdims=True)
    w = ops.matmul(x, ops.transpose(y, (0, 2, 1)))
    return keras.Model(x, [
        y, z - x, x / 3.0, 1.0 - x, ops.relu(y), ops.relu6(y), ops.sigmoid(x) * x, w,
        ops.reshape(x, (-1, 24)), ops.concatenate([x, y], axis=1), x[:, 1], x[:, :, 2:4],
        ops.maximum(x, 0.1), ops.sum(x, axis=1), ops.max(x, axis=2), ops.exp(x), ops.sqrt(ops.abs(x)),
        ops.square(x), ops.tanh(x), ops.softmax(x), ops.expand_dims(x, 1), ops.clip(x, -0.5, 0.5),
        -x, ops.squeeze(z, -1), ops.stack([x, y], axis=1), ops.hard_silu(x), ops.gelu(x),
        ops.pad(x, [[0, 0], [1, 2], [0, 1]]), ops.cast(x, "float32"), ops.flip(x, axis=1),
        ops.split(x, 3, axis=2)[1], ops.log(ops.abs(x) + 0.1), ops.argmax(x, axis=-1)])


def convolution_3d():
    x = keras.Input((5, 6, 7, 2))
    return keras.Model(x, [
        L.Conv3D(3, 3, padding="same", activation="relu")(x), L.Conv3D(3, 2, strides=2)(x),
        L.Conv3DTranspose(2, 3, strides=2, padding="same")(x),
        L.Conv3DTranspose(2, (2, 1, 3), use_bias=False)(x),
        L.ZeroPadding3D(1)(x), L.Cropping3D(1)(x), L.GlobalAveragePooling3D()(x),
        L.UpSampling3D((2, 1, 3))(x), L.MaxPooling3D(2)(x),
        L.MaxPooling3D((2, 3, 1), strides=2, padding="same")(x),
        L.AveragePooling3D(3, strides=1, padding="same")(x), L.AveragePooling3D(2)(x)])


def adaptive_pooling():
    x, y, z = keras.Input((9, 8, 3)), keras.Input((7, 2)), keras.Input((4, 5, 6, 2))
    return keras.Model([x, y, z], [
        L.AdaptiveAveragePooling2D((3, 4))(x), L.AdaptiveAveragePooling2D((4, 3))(x),
        L.AdaptiveMaxPooling2D(5)(x), L.AdaptiveMaxPooling1D(3)(y), L.AdaptiveAveragePooling1D(7)(y),
        L.AdaptiveMaxPooling3D((2, 3, 4))(z), L.AdaptiveAveragePooling3D(2)(z)])


def cells():
    x = keras.Input((5, 3))
    stack = [L.LSTMCell(4), L.GRUCell(3), L.LSTMCell(2)]
    return keras.Model(x, [
        L.RNN(L.LSTMCell(4))(x), L.RNN(L.GRUCell(3), return_sequences=True)(x),
        L.RNN(L.SimpleRNNCell(3), go_backwards=True)(x), *L.RNN(L.LSTMCell(2), return_state=True)(x),
        L.RNN(stack, return_sequences=True)(x)])


def convolution_lstm():
    x, y = keras.Input((3, 5, 6, 2)), keras.Input((4, 7, 2))
    return keras.Model([x, y], [
        L.ConvLSTM2D(3, 3)(x), L.ConvLSTM2D(2, 2, padding="same", return_sequences=True)(x),
        L.ConvLSTM1D(3, 3, strides=2, use_bias=False)(y),
        *L.ConvLSTM1D(2, 3, padding="same", return_sequences=True, return_state=True,
                      go_backwards=True)(y)])


def group_attention():
    x, y = keras.Input((5, 8)), keras.Input((6, 8))
    return keras.Model([x, y], [
        L.GroupQueryAttention(4, 6, 2)(x, y), L.GroupQueryAttention(4, 4, 4, use_bias=False)(x, x),
        L.GroupQueryAttention(3, 2, 1)(x, x, use_causal_mask=True)])


def spectral():
    x = keras.Input((6, 6, 3))
    return keras.Model(x, [L.SpectralNormalization(L.Conv2D(4, 3, activation="relu"))(x),
                           L.SpectralNormalization(L.Dense(5))(x)])


def categories():
    x, i = keras.Input((5,)), keras.Input((4,), dtype="int32")
    bounds = [-0.5, 0.0, 0.25, 0.5]
    words = [7, 14, 1, 100, 15]
    return keras.Model([x, i], [
        L.Discretization(bounds)(x), L.Discretization(bounds, output_mode="one_hot")(x),
        L.Discretization(bounds, output_mode="multi_hot")(x), L.CategoryEncoding(20)(i),
        L.CategoryEncoding(20, output_mode="count")(i), L.CategoryEncoding(20, "one_hot")(i),
        L.IntegerLookup(vocabulary=words)(i), L.IntegerLookup(vocabulary=words, mask_token=0)(i),
        L.IntegerLookup(vocabulary=words, output_mode="count")(i)])


def reversible():
    x = keras.Input((4,), dtype="int32")
    tied, free = L.ReversibleEmbedding(20, 5), L.ReversibleEmbedding(20, 3, tie_weights=False,
                                                                     logit_soft_cap=2.0)
    return keras.Model(x, [tied(tied(x), reverse=True), free(free(x), reverse=True)])


def augmentation():
    x = keras.Input((6, 8, 3))
    y = L.RandomHue(0.2)(L.RandomCrop(4, 4)(L.RandomContrast(0.1)(x)))
    z = L.RandomBrightness(0.2)(L.RandomGrayscale()(L.RandomSharpness(0.3)(x)))
    return keras.Model(x, [L.Conv2D(2, 3)(y), L.Conv2D(2, 3)(z)])


def more_functions():
    x, i = keras.Input((4, 6)), keras.Input((3,), dtype="int32")
    z = ops.abs(x) + 0.5
    return keras.Model([x, i], [
        ops.reciprocal(z), ops.arctan2(x, z), ops.mod(x, 0.7), ops.celu(x, alpha=0.5),
        ops.amax(x, axis=1), ops.var(x, axis=-1, keepdims=True), ops.std(x, axis=(1, 2)),
        ops.logsumexp(x, axis=-1), ops.moveaxis(x, 0, 2), ops.swapaxes(x, 1, 2), ops.ravel(x),
        ops.repeat(x, 2, axis=1), ops.tile(x, (1, 2, 1)), ops.one_hot(i, 20),
        ops.take(x, [0, 2, -1], axis=1), ops.take(z, i % 4, axis=1), ops.top_k(x, 2)[0],
        ops.cumsum(x, axis=1), ops.unstack(x, axis=1)[2], ops.normalize(x, axis=-1),
        ops.norm(x, axis=-1), ops.hstack([x, z]), ops.log1p(z), ops.log2(z), ops.expm1(x),
        ops.tan(x), ops.hard_tanh(x * 2), ops.glu(x), ops.roll(x, 2, axis=2),
        ops.image.resize(ops.expand_dims(x, -1), (8, 9)), ops.where(x > 0.2, x, 0.0),
        ops.where(ops.logical_and(x > 0, ops.logical_not(x < 0.5)), z, x), ops.zeros_like(x) + x,
        ops.tanh_shrink(x), ops.log_sigmoid(x), ops.soft_shrink(x), ops.squareplus(x)])


def elementary():
    """Functions written with several operators, arrays as arguments, and mixed types."""
    x, i = keras.Input((4, 6)), keras.Input((3,), dtype="int32")
    part = x * 0.45
    array = np.linspace(-1, 1, 24, dtype="f4").reshape(4, 6)
    return keras.Model([x, i], [
        ops.erf(x), ops.erfc(x), ops.sinh(x), ops.cosh(x), ops.arcsin(part), ops.arccos(part),
        ops.arctan(x), ops.arcsinh(x), ops.arccosh(x + 2.5), ops.arctanh(part), ops.exp2(x),
        ops.deg2rad(x), ops.rad2deg(x), ops.cbrt(x), ops.trunc(x * 3), ops.isnan(x), ops.isinf(x),
        ops.isfinite(x), ops.nan_to_num(x), ops.logaddexp(x, part), ops.hypot(x, part),
        ops.logical_xor(x > 0, part > 0.1), ops.fmax(x, part), ops.fmin(x, part),
        ops.sort(x, axis=-1), ops.argsort(x, axis=-1), ops.slice(x, [0, 1, 2], [1, 2, 3]),
        ops.tril(x), ops.triu(x, 1), x + array, ops.subtract(array, x), ops.where(x > 0, array, x),
        i * 0.5, i / 4, i > 2.5, x + np.arange(6)])


def tensors():
    """Functions on pictures and matrices."""
    x, y = keras.Input((4, 6, 12)), keras.Input((5, 8))
    q = ops.reshape(y, (-1, 5, 2, 4))
    rows = np.linspace(-1, 1, 24, dtype="f4").reshape(8, 3)
    return keras.Model([x, y], [
        ops.max_pool(x, 2), ops.average_pool(x, (2, 3), strides=1, padding="same"),
        ops.max_pool(y, 2), ops.nn.depth_to_space(x, 2), ops.nn.space_to_depth(x, 2),
        ops.image.rgb_to_grayscale(ops.reshape(x, (-1, 8, 12, 3))),
        ops.dot_product_attention(q, q * 0.5, q + 1),
        ops.dot_product_attention(q, q, q, is_causal=True), ops.rms_normalization(y),
        ops.layer_normalization(y, gamma=np.full(8, 1.5, "f4"), beta=np.full(8, 0.5, "f4")),
        ops.einsum("bqd,bkd->bqk", y, y), ops.einsum("btd,de->bte", y, rows),
        ops.einsum("bhwc->bcwh", x), ops.einsum("bqnd,bknd->bnqk", q, q),
        L.EinsumDense("abc,bd->acd", (8, 3), bias_axes="d")(y),
        L.EinsumDense("abc,cb->ab", (5,))(y)])


def attention_scores():
    x, y = keras.Input((5, 8)), keras.Input((4, 8))
    a, s = L.MultiHeadAttention(2, 3)(x, y, return_attention_scores=True)
    b, t = L.Attention()([x, y], return_attention_scores=True)
    return keras.Model([x, y], [a, s, b, t])


def narrow():
    """Weights stored in other widths."""
    x = keras.Input((7,), dtype="int32")
    return keras.Model(x, [L.Embedding(20, 3, dtype=kind)(x)
                           for kind in ("float16", "bfloat16", "float64")])


def spectrograms():
    x, y = keras.Input((100, 2)), keras.Input((200,))
    return keras.Model([x, y], [
        *[L.STFTSpectrogram(mode, 32, 10)(x) for mode in ("log", "magnitude", "psd", "stft")],
        L.STFTSpectrogram("magnitude", 16, 8, padding="same", expand_dims=True)(x),
        L.MelSpectrogram(64, 32, sampling_rate=1000, num_mel_bins=10)(y),
        L.MelSpectrogram(64, 20, 40, "hamming", 8000, 6, mag_exp=1.0, power_to_db=False)(y)])


def thresholds():
    x = keras.Input((40,))
    return keras.Model(x, [
        L.ReLU(threshold=0.5)(x), L.ReLU(max_value=0.8, threshold=0.3)(x),
        L.ReLU(max_value=0.8, threshold=0.25, negative_slope=0.5)(x),
        L.ReLU(max_value=0.5, negative_slope=0.2)(x), L.ReLU(threshold=0.1, negative_slope=2.0)(x)])


def tensorflow_functions():
    """Only in Keras 2: functions of TensorFlow on tensors of a model."""
    import tensorflow as tf
    x, y = keras.Input((4, 6)), keras.Input((4, 6))
    z = tf.abs(x) + 1.0
    return keras.Model([x, y], [
        x * 2.0 + 1.0, 3.0 - x, x / z, tf.nn.relu(x - y), tf.reduce_mean(x, axis=-1, keepdims=True),
        tf.reduce_sum(x, 1), tf.reduce_max(x, axis=[1]), tf.matmul(x, y, transpose_b=True),
        tf.concat([x, y], axis=1), tf.concat([x, y, z], -1), tf.reshape(x, (-1, 24)),
        tf.transpose(x, (0, 2, 1)), tf.squeeze(tf.expand_dims(x, 1), 1), x[:, 1], x[:, :, 2:4],
        x[:, -1, :], x[:, ::2], tf.stack([x, y], axis=1), tf.nn.softmax(x),
        tf.clip_by_value(x, -0.5, 0.5), tf.maximum(x, 0.1), tf.pow(z, 2.0), -x, tf.nn.sigmoid(x),
        tf.square(x), tf.nn.leaky_relu(x, alpha=0.3), tf.nn.elu(x), tf.split(x, 3, axis=2)[1],
        tf.split(x, [1, 3, 2], axis=2)[1], tf.argmax(x, axis=-1, output_type="int32"),
        tf.tile(x, [1, 2, 1]), tf.math.rsqrt(z), tf.math.softplus(x),
        tf.image.resize(tf.expand_dims(x, -1), (8, 9)), tf.pad(x, [[0, 0], [1, 2], [0, 1]]),
        tf.gather(x, [0, 2], axis=1), tf.nn.l2_normalize(x, axis=-1), tf.where(x > 0.0, x, y)])


def channels_first():
    """Without those that TensorFlow cannot compute on a processor, such as Conv2D."""
    if not ops:
        raise ValueError("Keras 2 computes none of them on a processor")
    x, y, z = keras.Input((3, 8, 9)), keras.Input((2, 6)), keras.Input((2, 4, 5, 6))
    first = {"data_format": "channels_first"}
    deep = L.BatchNormalization(axis=1)(L.SeparableConv2D(4, 3, activation="relu", **first)(x))
    deep = L.ReLU(6.0)(L.DepthwiseConv2D(3, padding="same", **first)(deep))
    deep = L.DepthwiseConv2D(2, activation="tanh", **first)(L.ZeroPadding2D(1, **first)(deep))
    return keras.Model([x, y, z], [
        deep, L.Flatten(**first)(deep), L.MaxPooling2D(2, **first)(x),
        L.AveragePooling2D(3, strides=1, padding="same", **first)(x),
        L.GlobalAveragePooling2D(**first)(x), L.GlobalMaxPooling2D(keepdims=True, **first)(x),
        L.Cropping2D(((1, 2), (0, 1)), **first)(x), L.UpSampling2D(2, **first)(x),
        L.SpatialDropout2D(0.3, **first)(x), L.MaxPooling1D(2, **first)(y),
        L.SeparableConv1D(3, 2, **first)(y), L.GlobalAveragePooling1D(**first)(y),
        L.Conv3D(3, 2, **first)(z), L.MaxPooling3D(2, **first)(z), L.ZeroPadding3D(1, **first)(z)])


OLD = [tensorflow_functions]
ALL = [dense, sequence, convolution, convolution_1d, pooling, pooling_1d, activations,
       activation_layers, merging, shapes, normalization, recurrent, bidirectional, attention,
       embedding, masking, masked_sequence, einsum, nested, images, functions,
       convolution_3d, adaptive_pooling, thresholds,
       cells, convolution_lstm, group_attention, spectral, categories, reversible,
       augmentation, more_functions, elementary, tensors,
       attention_scores, narrow, spectrograms, channels_first]


if not ops:
    ALL += OLD


def build(make):
    """The model with fixed random weights. The seed is the name, so that models do not depend on
    each other."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(sum(map(ord, make.__name__)))
    model = make()
    random = np.random.default_rng(7)
    for variable in model.weights:
        value, kind = variable.numpy(), variable.name.split("/")[-1].split(":")[0]
        if kind in ("moving_variance", "variance"):
            value = random.uniform(0.5, 2, value.shape)
        elif kind in ("gamma", "scale"):
            value = random.uniform(0.5, 1.5, value.shape)
        elif value.dtype.kind == "f":
            value = random.normal(0, 0.5, value.shape)
        variable.assign(value)
    return model


def inputs(model):
    """The same numbers for each model, by a formula that the C test knows too."""
    made = []
    for tensor in model.inputs:
        shape = (1,) + tuple(tensor.shape[1:])
        index = np.arange(np.prod(shape), dtype=np.int64)
        if "int" in str(tensor.dtype):
            made.append((index * 7 % 20).astype("int32").reshape(shape))
        else:
            made.append(((index * 37 % 201 - 100) / np.float32(100)).astype("float32")
                        .reshape(shape))
    return made

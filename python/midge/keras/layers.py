# SPDX-License-Identifier: Apache-2.0
"""The layers that can be trained. Arguments, defaults and names are those of Keras; which values of
them midge can do, the library says when the model is made."""
# pylint: disable=too-many-arguments,unused-argument,missing-class-docstring
from __future__ import annotations

from typing import Any, Dict

from midge.keras._absent import nearest
from midge.keras._layer import Input, InputLayer, Layer

_1D = {"kernel_size": 1, "strides": 1, "dilation_rate": 1, "pool_size": 1}
_2D = {name: 2 for name in _1D}


class Dense(Layer):
    """Every output from every input."""

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):
        if "input_dim" in kwargs:
            kwargs["input_dim_of_layer"] = kwargs.pop("input_dim")
        self._settle(locals())


class Flatten(Layer):
    """All numbers of a sample in a row."""

    def __init__(self, data_format: Any = None, **kwargs: Any):
        self._settle(locals())


class Reshape(Layer):
    """A sample in another shape."""

    def __init__(self, target_shape: Any, **kwargs: Any):
        self._settle(locals())


class _Convolution(Layer):
    def _settle(self, given: Dict[str, Any]) -> None:
        given.setdefault("groups", 1)
        super()._settle(given)


class Conv1D(_Convolution):
    """Filters along a sequence."""

    _lists = _1D

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
                 data_format: Any = None, dilation_rate: Any = 1, groups: int = 1,
                 activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):
        self._settle(locals())


class Conv2D(_Convolution):
    """Filters over pictures."""

    _lists = _2D

    def __init__(self, filters: int, kernel_size: Any, strides: Any = (1, 1),
                 padding: str = "valid", data_format: Any = None, dilation_rate: Any = (1, 1),
                 groups: int = 1, activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):
        self._settle(locals())


class _DepthwiseConvolution(Layer):
    def __init__(self, kernel_size: Any, strides: Any = 1, padding: str = "valid",
                 depth_multiplier: int = 1, data_format: Any = None, dilation_rate: Any = 1,
                 activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 depthwise_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, depthwise_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):
        self._settle(locals())


class DepthwiseConv1D(_DepthwiseConvolution):
    """Filters over each channel of sequences by itself."""

    _lists = _1D


class DepthwiseConv2D(_DepthwiseConvolution):
    """Filters over each channel of pictures by itself."""

    _lists = _2D


class _SeparableConvolution(Layer):
    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1,
                 padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1,
                 depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = "glorot_uniform",
                 pointwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None,
                 depthwise_constraint: Any = None, pointwise_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):
        self._settle(locals())


class SeparableConv1D(_SeparableConvolution):
    """A filter over each channel of sequences, then mixtures of the channels."""

    _lists = _1D


class SeparableConv2D(_SeparableConvolution):
    """A filter over each channel of pictures, then mixtures of the channels."""

    _lists = _2D


class _Pooling(Layer):
    def _settle(self, given: Dict[str, Any]) -> None:
        if given["strides"] is None:
            given["strides"] = given["pool_size"]
        super()._settle(given)


class _Pooling1D(_Pooling):
    _lists = _1D

    def __init__(self, pool_size: Any = 2, strides: Any = None, padding: str = "valid",
                 data_format: Any = None, **kwargs: Any):
        self._settle(locals())


class _Pooling2D(_Pooling):
    _lists = _2D

    def __init__(self, pool_size: Any = (2, 2), strides: Any = None, padding: str = "valid",
                 data_format: Any = None, **kwargs: Any):
        self._settle(locals())


class MaxPooling1D(_Pooling1D):
    """The greatest of `pool_size` neighbours in a sequence."""


class AveragePooling1D(_Pooling1D):
    """The mean of `pool_size` neighbours in a sequence."""


class MaxPooling2D(_Pooling2D):
    """The greatest of a window of a picture."""


class AveragePooling2D(_Pooling2D):
    """The mean of a window of a picture."""


class _GlobalPooling(Layer):
    def __init__(self, data_format: Any = None, keepdims: bool = False, **kwargs: Any):
        self._settle(locals())


class GlobalMaxPooling1D(_GlobalPooling):
    """The greatest of each channel of a sequence."""


class GlobalMaxPooling2D(_GlobalPooling):
    """The greatest of each channel of a picture."""


class GlobalAveragePooling1D(_GlobalPooling):
    """The mean of each channel of a sequence."""


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel of a picture."""


class BatchNormalization(Layer):
    """Each channel at mean 0 and deviation 1, by the batch or by moving statistics."""

    _only = {"renorm": (False,), "synchronized": (False,)}

    def __init__(self, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3,
                 center: bool = True, scale: bool = True, beta_initializer: Any = "zeros",
                 gamma_initializer: Any = "ones", moving_mean_initializer: Any = "zeros",
                 moving_variance_initializer: Any = "ones", beta_regularizer: Any = None,
                 gamma_regularizer: Any = None, beta_constraint: Any = None,
                 gamma_constraint: Any = None, synchronized: bool = False, **kwargs: Any):
        self._settle(locals())


class LayerNormalization(Layer):
    """Each sample at mean 0 and deviation 1."""

    def __init__(self, axis: Any = -1, epsilon: float = 1e-3, center: bool = True,
                 scale: bool = True, beta_initializer: Any = "zeros",
                 gamma_initializer: Any = "ones", beta_regularizer: Any = None,
                 gamma_regularizer: Any = None, beta_constraint: Any = None,
                 gamma_constraint: Any = None, **kwargs: Any):
        self._settle(locals())


class Dropout(Layer):
    """A share of the numbers at 0 while training."""

    def __init__(self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any):
        self._settle(locals())


class SpatialDropout1D(Layer):
    """A share of the channels of sequences at 0 while training."""

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any):
        self._settle(locals())


class SpatialDropout2D(Layer):
    """A share of the channels of pictures at 0 while training."""

    def __init__(self, rate: float, data_format: Any = None, seed: Any = None, **kwargs: Any):
        self._settle(locals())


class GaussianNoise(Layer):
    """Noise while training."""

    def __init__(self, stddev: float, seed: Any = None, **kwargs: Any):
        self._settle(locals())


class Add(Layer):
    """The sum of several."""


class Subtract(Layer):
    """The first without the second."""


class Multiply(Layer):
    """The product of several."""


class Average(Layer):
    """The mean of several."""


class Maximum(Layer):
    """The greatest of several."""


class Minimum(Layer):
    """The least of several."""


class Concatenate(Layer):
    """Several one after the other along an axis."""

    def __init__(self, axis: int = -1, **kwargs: Any):
        self._settle(locals())


class Embedding(Layer):
    """A row of numbers for each of `input_dim` words."""

    _only = {"mask_zero": (False,)}

    def __init__(self, input_dim: int, output_dim: int, embeddings_initializer: Any = "uniform",
                 embeddings_regularizer: Any = None, embeddings_constraint: Any = None,
                 mask_zero: bool = False, **kwargs: Any):
        self._settle(locals())


class LSTM(Layer):
    """A recurrent layer with a long and a short memory."""

    def __init__(self, units: int, activation: Any = "tanh",
                 recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None,
                 recurrent_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None,
                 dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: Any = None,
                 return_sequences: bool = False, return_state: bool = False,
                 go_backwards: bool = False, stateful: bool = False, unroll: bool = False,
                 **kwargs: Any):
        self._settle(locals())


class GRU(Layer):
    """A recurrent layer with gates."""

    def __init__(self, units: int, activation: Any = "tanh",
                 recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None,
                 kernel_constraint: Any = None, recurrent_constraint: Any = None,
                 bias_constraint: Any = None, dropout: float = 0.0,
                 recurrent_dropout: float = 0.0, seed: Any = None,
                 return_sequences: bool = False, return_state: bool = False,
                 go_backwards: bool = False, stateful: bool = False, unroll: bool = False,
                 reset_after: bool = True, **kwargs: Any):
        self._settle(locals())


class ZeroPadding1D(Layer):
    """Zeros before and after a sequence."""

    _lists = {"padding": 2}

    def __init__(self, padding: Any = 1, data_format: Any = None, **kwargs: Any):
        self._settle(locals())


class ZeroPadding2D(Layer):
    """Zeros around pictures."""

    def __init__(self, padding: Any = (1, 1), data_format: Any = None, **kwargs: Any):
        pair = (padding, padding) if isinstance(padding, int) else padding
        padding = [[side, side] if isinstance(side, int) else list(side) for side in pair]
        del pair
        self._settle(locals())


class Rescaling(Layer):
    """scale * x + offset."""

    def __init__(self, scale: float, offset: float = 0.0, **kwargs: Any):
        self._settle(locals())


class Activation(Layer):
    """An activation by itself."""

    def __init__(self, activation: Any, **kwargs: Any):
        self._settle(locals())


class ReLU(Layer):
    """Nothing below 0."""

    def __init__(self, max_value: Any = None, negative_slope: float = 0.0, threshold: float = 0.0,
                 **kwargs: Any):
        self._settle(locals())


class LeakyReLU(Layer):
    """Little below 0."""

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any):
        negative_slope = kwargs.pop("alpha", negative_slope)
        self._settle(locals())


class ELU(Layer):
    """alpha * (exp(x) - 1) below 0."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any):
        self._settle(locals())


class Softmax(Layer):
    """Probabilities."""

    def __init__(self, axis: int = -1, **kwargs: Any):
        self._settle(locals())


class Identity(Layer):
    """What it gets."""


Convolution1D, Convolution2D = Conv1D, Conv2D
MaxPool1D, MaxPool2D, AvgPool1D, AvgPool2D = (MaxPooling1D, MaxPooling2D, AveragePooling1D,
                                              AveragePooling2D)
GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D


def _function(kind: type) -> Any:
    def join(inputs: Any, **kwargs: Any) -> Any:
        return kind(**kwargs)(inputs)
    join.__doc__ = kind.__doc__
    return join


add, subtract, multiply, average = map(_function, (Add, Subtract, Multiply, Average))
maximum, minimum, concatenate = map(_function, (Maximum, Minimum, Concatenate))

CLASSES = {name: kind for name, kind in list(globals().items())
           if isinstance(kind, type) and issubclass(kind, Layer) and not name.startswith("_")
           and name == kind.__name__ and kind is not Layer}


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError("midge.keras has no layer %r%s; it can train %s" %
                         (name, nearest(name, CLASSES), ", ".join(sorted(CLASSES))))

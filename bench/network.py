# SPDX-License-Identifier: Apache-2.0
"""A small network description: layers with random weights and inferred shapes, before any encoding.

A Network is a list of Node. Every node makes one value; `encode.py` turns the list into a .tflite
file in one of several number formats. Weights are drawn so that values keep about unit variance
through any depth (He's rule), which gives quantised copies the ranges of a trained network.
Layouts are those of the file format: activations NHWC, convolutions OHWI, depthwise 1HWC.
"""
import dataclasses

import numpy as np


@dataclasses.dataclass
class Node:
    op: str                 # a builtin operator's name, or INPUT
    inputs: list            # indices of nodes
    shape: tuple            # of the value it makes
    weights: np.ndarray = None
    bias: np.ndarray = None
    attributes: dict = dataclasses.field(default_factory=dict)


def window(size, kernel, stride, same):
    return -(-size // stride) if same else (size - kernel) // stride + 1


class Network:
    def __init__(self, shape, seed):
        self.random = np.random.default_rng(seed)
        self.nodes = [Node("INPUT", [], tuple(shape))]
        self.outputs = None

    def add(self, op, inputs, shape, weights=None, bias=None, **attributes):
        shape = tuple(int(size) for size in shape)
        self.nodes.append(Node(op, list(inputs), shape, weights, bias, attributes))
        return len(self.nodes) - 1

    def shape(self, value):
        return self.nodes[value].shape

    def draw(self, shape, fan_in, gain=2.0):
        return self.random.normal(0, np.sqrt(gain / fan_in), shape).astype(np.float32)

    def draw_bias(self, size):
        return self.random.normal(0, 0.1, size).astype(np.float32)

    def convolution(self, value, channels, kernel=1, stride=1, act="NONE", gain=None):
        batch, height, width, depth = self.shape(value)
        gain = gain or (1.0 if act == "NONE" else 2.0)
        weights = self.draw((channels, kernel, kernel, depth), kernel * kernel * depth, gain)
        shape = (batch, window(height, kernel, stride, True), window(width, kernel, stride, True),
                 channels)
        return self.add("CONV_2D", [value], shape, weights, self.draw_bias(channels),
                        stride=stride, act=act)

    def depthwise(self, value, kernel=3, stride=1, act="NONE"):
        batch, height, width, depth = self.shape(value)
        weights = self.draw((1, kernel, kernel, depth), kernel * kernel)
        shape = (batch, window(height, kernel, stride, True), window(width, kernel, stride, True),
                 depth)
        return self.add("DEPTHWISE_CONV_2D", [value], shape, weights, self.draw_bias(depth),
                        stride=stride, act=act)

    def up_convolution(self, value, channels):
        """Doubles height and width with a 2x2 kernel."""
        batch, height, width, depth = self.shape(value)
        return self.add("TRANSPOSE_CONV", [value], (batch, 2 * height, 2 * width, channels),
                        self.draw((channels, 2, 2, depth), depth, 1.0), self.draw_bias(channels))

    def classifier(self, value, labels):
        """Probabilities of labels from a feature map. Features are averaged over the picture, so
        strong weights are needed for one label to stand out."""
        features = self.mean(value)
        depth = self.shape(features)[1]
        scores = self.add("FULLY_CONNECTED", [features], (1, labels),
                          self.draw((labels, depth), depth, 150.0), self.draw_bias(labels))
        return self.softmax(scores)

    def max_pool(self, value, kernel, stride):
        batch, height, width, depth = self.shape(value)
        shape = (batch, window(height, kernel, stride, True), window(width, kernel, stride, True),
                 depth)
        return self.add("MAX_POOL_2D", [value], shape, kernel=kernel, stride=stride)

    def mean(self, value, keep=False):
        batch, _, _, depth = self.shape(value)
        shape = (batch, 1, 1, depth) if keep else (batch, depth)
        return self.add("MEAN", [value], shape, keep=keep)

    def sum_of(self, first, second, act="NONE"):
        return self.add("ADD", [first, second], self.shape(first), act=act)

    def product(self, first, second):
        return self.add("MUL", [first, second], self.shape(first))

    def joined(self, first, second):
        shape = list(self.shape(first))
        shape[3] += self.shape(second)[3]
        return self.add("CONCATENATION", [first, second], shape)

    def logistic(self, value):
        return self.add("LOGISTIC", [value], self.shape(value))

    def swish(self, value):
        return self.product(value, self.logistic(value))

    def softmax(self, value):
        return self.add("SOFTMAX", [value], self.shape(value))

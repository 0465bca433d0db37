# SPDX-License-Identifier: Apache-2.0
"""Layer lists of published image networks, batch 1, with their usual sizes."""
from network import Network

# Variance that a residual branch adds to its shortcut: little, or depth would blow values up.
BRANCH = 0.2


def mobilenet_v1(size=224, seed=1):
    net = Network((1, size, size, 3), seed)
    value = net.convolution(0, 32, 3, 2, "RELU6")
    for channels, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1),
                             (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)):
        value = net.depthwise(value, 3, stride, "RELU6")
        value = net.convolution(value, channels, act="RELU6")
    net.outputs = net.classifier(value, 1001)
    return net


def mobilenet_v2(size=224, seed=2):
    net = Network((1, size, size, 3), seed)
    value = net.convolution(0, 32, 3, 2, "RELU6")
    for expansion, channels, repeats, first_stride in (
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
            (6, 160, 3, 2), (6, 320, 1, 1)):
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            before, depth = value, net.shape(value)[3]
            if expansion != 1:
                value = net.convolution(value, depth * expansion, act="RELU6")
            value = net.depthwise(value, 3, stride, "RELU6")
            value = net.convolution(value, channels, gain=BRANCH)
            if stride == 1 and depth == channels:
                value = net.sum_of(before, value)
    value = net.convolution(value, 1280, act="RELU6")
    net.outputs = net.classifier(value, 1001)
    return net


def efficientnet_b0(size=224, seed=3):
    net = Network((1, size, size, 3), seed)
    value = net.swish(net.convolution(0, 32, 3, 2))
    for expansion, channels, repeats, first_stride, kernel in (
            (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
            (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)):
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            before, depth = value, net.shape(value)[3]
            if expansion != 1:
                value = net.swish(net.convolution(value, depth * expansion))
            value = net.swish(net.depthwise(value, kernel, stride))
            gate = net.swish(net.convolution(net.mean(value, keep=True), max(1, depth // 4)))
            gate = net.logistic(net.convolution(gate, net.shape(value)[3]))
            value = net.convolution(net.product(value, gate), channels, gain=4 * BRANCH)
            if stride == 1 and depth == channels:
                value = net.sum_of(before, value)
    value = net.swish(net.convolution(value, 1280))
    net.outputs = net.classifier(value, 1000)
    return net


def resnet50(size=224, seed=4):
    net = Network((1, size, size, 3), seed)
    value = net.max_pool(net.convolution(0, 64, 7, 2, "RELU"), 3, 2)
    for width, repeats in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for repeat in range(repeats):
            stride = 2 if repeat == 0 and width != 64 else 1
            shortcut = value
            if repeat == 0:
                shortcut = net.convolution(value, 4 * width, 1, stride)
            value = net.convolution(value, width, act="RELU")
            value = net.convolution(value, width, 3, stride, "RELU")
            value = net.convolution(value, 4 * width, gain=BRANCH)
            value = net.sum_of(value, shortcut, "RELU")
    net.outputs = net.classifier(value, 1000)
    return net


def unet(size=256, seed=5):
    net = Network((1, size, size, 3), seed)
    value, skipped = 0, []
    for channels in (16, 32, 64, 128):
        value = net.convolution(net.convolution(value, channels, 3, act="RELU"), channels, 3,
                                act="RELU")
        skipped.append(value)
        value = net.max_pool(value, 2, 2)
    value = net.convolution(net.convolution(value, 256, 3, act="RELU"), 256, 3, act="RELU")
    for channels in (128, 64, 32, 16):
        value = net.joined(net.up_convolution(value, channels), skipped.pop())
        value = net.convolution(net.convolution(value, channels, 3, act="RELU"), channels, 3,
                                act="RELU")
    net.outputs = net.logistic(net.convolution(value, 1))
    return net


NETWORKS = {"mobilenet_v1": mobilenet_v1, "mobilenet_v2": mobilenet_v2,
            "efficientnet_b0": efficientnet_b0, "resnet50": resnet50, "unet": unet}

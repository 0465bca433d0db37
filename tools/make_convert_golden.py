#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the models of tests/convert/keras_models.py as tests/convert/NAME.keras and some as
NAME.h5, and what Keras computes with them as NAME.expected: the outputs as float32, one after
another. Besides, models to refuse: refused.keras with code in it, refused_words.keras with words,
and hostile_WAY.h5 whose kernel is somewhere else or claims to be huge. Needs TensorFlow 2.16 or
newer, and scipy.

usage: tools/make_convert_golden.py [NAME…]   only these models of keras_models.py
       tools/make_convert_golden.py --keras2  those that only Keras 2 (tf_keras) can build, as .h5"""
import os
import pathlib
import sys
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
folder = pathlib.Path(__file__).resolve().parent.parent / "tests" / "convert"
sys.path.insert(0, str(folder))
old = "--keras2" in sys.argv
if old:
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras
    sys.modules["keras"] = tf_keras
    sys.modules["keras.layers"] = tf_keras.layers
import h5py  # noqa: E402
import keras  # noqa: E402
import keras_models  # noqa: E402
import numpy as np  # noqa: E402

LEGACY = ("sequence", "bidirectional", "nested")


def pack(source, target):
    """The archive again, packed and without times, so that it is small and the same each time."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name == "metadata.json":
                data = ('{"keras_version": "%s"}' % keras.__version__).encode()
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)


def write_model(make):
    name = make.__name__
    model = keras_models.build(make)
    given = keras_models.inputs(model)
    outputs = model(given if len(given) > 1 else given[0], training=False)
    outputs = outputs if old else keras.tree.flatten(outputs)
    with open(folder / (name + ".expected"), "wb") as file:
        for output in outputs:
            file.write(np.asarray(output).astype("<f4").tobytes())
    if not old:
        with tempfile.TemporaryDirectory() as temporary:
            plain = os.path.join(temporary, "model.keras")
            model.save(plain)
            pack(plain, folder / (name + ".keras"))
    if old or name in LEGACY:
        model.save(folder / (name + ".h5"))


for made in keras_models.OLD if old else keras_models.ALL:
    if old or len(sys.argv) < 2 or made.__name__ in sys.argv[1:]:
        write_model(made)
if len(sys.argv) > 1:
    sys.exit()

keras.utils.clear_session()
x = keras.Input((4,))
y = keras.layers.Lambda(lambda t: t * 2, name="twice")(x)


@keras.saving.register_keras_serializable("mine")
class Strange(keras.layers.Layer):
    def call(self, value):
        return value + 1


with tempfile.TemporaryDirectory() as temporary:
    plain = os.path.join(temporary, "model.keras")
    keras.Model(x, Strange(name="odd")(y)).save(plain)
    pack(plain, folder / "refused.keras")
    words = keras.Input((4,), dtype="string")
    keras.Model(words, [keras.layers.StringLookup(vocabulary=["a", "b"])(words),
                        keras.layers.Hashing(7)(words)]).save(plain)
    pack(plain, folder / "refused_words.keras")

KERNEL = "model_weights/d/sequential/d/kernel"


def hostile(way, change):
    keras.utils.clear_session()
    target = folder / f"hostile_{way}.h5"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")], name="sequential").save(
        target)
    with h5py.File(target, "r+") as file:
        del file[KERNEL]
        change(file)


def external_link(file):
    file[KERNEL] = h5py.ExternalLink("hostile_soft_link.h5", "/model_weights/d/sequential/d/bias")


def soft_link(file):
    file[KERNEL] = h5py.SoftLink("/model_weights/d/sequential/d/bias")


def external_data(file):
    file.create_dataset(KERNEL, (4, 3), "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


def virtual(file):
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "kernel", (4, 3))
    file.create_virtual_dataset(KERNEL, layout)


def huge(file):
    file.create_dataset(KERNEL, (4, 2000000), "f4", chunks=(4, 1000), compression="gzip")


def other_filter(file):
    file.create_dataset(KERNEL, (4, 3), "f4", np.ones((4, 3)), compression="lzf")


for way in (external_link, soft_link, external_data, virtual, huge, other_filter):
    hostile(way.__name__, way)

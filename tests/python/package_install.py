# SPDX-License-Identifier: Apache-2.0
"""Builds the wheel and the source distribution, and installs them and the aliases into empty
environments, with every CPython from 3.8 on that is at hand."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

import models
from interpreters import interpreters

PYTHON = models.ROOT / "python"
SMOKE = """
import sys, midge, numpy as np
from {module} import Interpreter
assert "site-packages" in midge.__file__, midge.__file__
i = Interpreter(sys.argv[1], num_threads=2)
i.allocate_tensors()
d = i.get_input_details()[0]
i.set_tensor(d["index"], np.zeros(d["shape"], d["dtype"]))
i.invoke()
view = i.tensor(d["index"])()
try: i.invoke()
except RuntimeError: print("ran", i.get_tensor(i.get_output_details()[0]["index"]).shape)
from midge import _delegated
assert _delegated.library().midge_tflite_session(None) is None
print(midge.classify(np.zeros((28, 28), np.uint8))[0].label)
print(midge.load(sys.argv[1]).profile(runs=1).runs)
"""


TRAIN = """
import numpy as np
import tensorflow as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
model.compile("adam", "mse")
model.fit(np.ones((8, 3)), np.ones((8, 2)), verbose=0)
model.save("model")
print(len(tf.lite.TFLiteConverter.from_saved_model("model").convert()))
"""
LACKING = "without the readers for Keras models"


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    return done.returncode, done.stdout.decode(errors="replace")


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.made = 0
        status, told = run(*cls.pip(cls.environment(sys.executable)), "wheel", "--no-deps", "-w",
                           cls.folder, PYTHON)
        if status:
            shutil.rmtree(str(cls.folder))
            raise AssertionError(told)
        cls.wheel, = cls.folder.glob("*.whl")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(str(cls.folder))

    @classmethod
    def environment(cls, python):
        """The Python of a new, empty environment."""
        cls.made += 1
        place = cls.folder / ("environment_%d" % cls.made)
        status, told = run(python, "-m", "venv", place)
        if status:
            raise AssertionError(told)
        return place / "bin" / "python"

    @staticmethod
    def pip(python):
        return [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]

    def install(self, python, *what, **options):
        status, told = run(*self.pip(python), "install", *what, **options)
        self.assertEqual(status, 0, told)

    def smoke(self, python, module="midge.interpreter"):
        status, told = run(python, "-I", "-c", SMOKE.format(module=module), models.BUILT_IN,
                           cwd=str(self.folder))
        self.assertEqual(status, 0, told)
        self.assertIn("ran (1, 10)", told)

    def test_wheel_tag(self):
        self.assertRegex(self.wheel.name, r"^midge-[0-9.]+-py3-none-\w+\.whl$")
        if "manylinux" in self.wheel.name and shutil.which("objdump"):
            run("unzip", "-q", self.wheel, "-d", self.folder / "unpacked")
            needed = run("objdump", "-T", self.folder / "unpacked" / "midge" /
                         "libmidge-tools.so")[1]
            newest = max(int(n) for n in re.findall(r"GLIBC_2\.(\d+)", needed))
            allowed = int(re.search(r"manylinux_2_(\d+)_", self.wheel.name).group(1))
            self.assertLessEqual(newest, allowed)

    def test_one_wheel_serves_every_python(self):
        found = interpreters()
        print("the wheel on CPython %s" % ", ".join(found))
        for version, python in found.items():
            with self.subTest(version):
                inside = self.environment(python)
                self.install(inside, self.wheel)
                self.smoke(inside)
                status, told = run(inside, "-m", "midge", "--version", cwd=str(self.folder))
                self.assertEqual((status, told.split()[0]), (0, "midge"), told)
                self.assertEqual(run(inside.with_name("midge"), "--version"), (0, told))

    def test_source_distribution(self):
        python = self.environment(sys.executable)
        self.install(python, "setuptools", "wheel")
        copy = self.folder / "python"
        status, told = run(python, "setup.py", "-q", "egg_info", "--egg-base", self.folder, "sdist",
                           "--dist-dir", self.folder, cwd=str(PYTHON))
        self.assertEqual(status, 0, told)
        archive, = self.folder.glob("*.tar.gz")
        with tarfile.open(str(archive)) as opened:
            names = opened.getnames()
            opened.extractall(str(copy))
        self.assertTrue(any(name.endswith("native/include/midge.h") for name in names))
        self.assertFalse(any(name.endswith((".o", ".so", ".pyc")) for name in names))
        inside = self.environment(sys.executable)
        self.install(inside, archive, env=dict(os.environ, MIDGE_DEPENDENCIES="none"))
        self.smoke(inside)
        status, told = run(inside, "-I", "-c", "import midge; midge.convert(%r)" % str(
            models.ROOT / "tests" / "convert" / "dense.keras"), cwd=str(self.folder))
        self.assertEqual(status, 1)
        self.assertIn(LACKING, told)
        libraries = run("ldd", next((inside.parent.parent / "lib").glob(
            "python*/site-packages/midge/libmidge-tools.so")))[1]
        self.assertNotIn("hdf5", libraries)

    def test_trains_converts_and_reads_pictures(self):
        inside = self.environment(sys.executable)
        self.install(inside, self.wheel)
        self.install(inside, PYTHON / "aliases" / "tensorflow")
        status, told = run(inside, "-I", "-c", TRAIN, cwd=str(self.folder))
        if LACKING in told:
            self.skipTest("the libraries for Keras models are not at hand")
        self.assertEqual(status, 0, told)
        self.assertGreater(int(told), 500)
        status, told = run(inside, "-m", "midge", "classify",
                           models.ROOT / "models" / "pictures" / "bag.png", cwd=str(self.folder))
        self.assertEqual(status, 0, told)
        self.assertIn("Bag", told)

    def test_aliases(self):
        inside = self.environment(sys.executable)
        self.install(inside, self.wheel)
        for name, module in (("tflite_runtime", "tflite_runtime.interpreter"),
                             ("ai_edge_litert", "ai_edge_litert.interpreter"),
                             ("tensorflow", "tensorflow.lite")):
            self.install(inside, PYTHON / "aliases" / name)
            self.smoke(inside, module)

    def test_an_alias_brings_midge(self):
        inside = self.environment(sys.executable)
        self.install(inside, PYTHON / "aliases" / "tflite_runtime")
        self.smoke(inside, "tflite_runtime.interpreter")

    def test_aliases_spare_the_originals(self):
        inside = self.environment(sys.executable)
        self.install(inside, self.wheel)
        site = run(inside, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")[1]
        for name, original in (("tflite_runtime", "tflite_runtime-2.14.0"),
                               ("ai_edge_litert", "ai_edge_litert-2.3.0"),
                               ("tensorflow", "tensorflow_cpu-2.19.0")):
            facts = pathlib.Path(site.strip(), original + ".dist-info")
            facts.mkdir()
            (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: %s\nVersion: %s\n" %
                                            tuple(original.split("-")))
            status, told = run(*self.pip(inside), "install", PYTHON / "aliases" / name)
            self.assertNotEqual(status, 0)
            self.assertIn("%s is installed here" % original, told)
            self.assertFalse(pathlib.Path(site.strip(), name).exists())


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Delegates in shared libraries take nodes of an interpreter, as those of ai_edge_litert do."""
import gc
import pathlib
import tempfile
import unittest
import warnings

import numpy as np

import models
from midge import interpreter as ours
from midge.interpreter import Delegate, Interpreter, OpResolverType, load_delegate

try:
    from ai_edge_litert import interpreter as theirs
    if theirs.Interpreter is Interpreter:
        theirs = None
except ImportError:
    theirs = None

PLAIN = models.BUILD.resolve() / "tests" / "abi" / "abi_plain_plugin.so"
OPAQUE = PLAIN.with_name("abi_plugin.so")

ADD = "ADD x:f32[?,3] one:f32[3]={1} -> y:f32[?,3]; signature serve x=x -> y=y"
CHAIN = ("NEG x:f32[?,3] -> a:f32[?,3]; ADD a one:f32[1]={1} -> b:f32[?,3]; "
         "MUL b two:f32[1]={2} -> c:f32[?,3]; ABS c -> d:f32[?,3]; ADD d x -> y:f32[?,3]; out y b")
TWO = ("ADD x:f32[?] y:f32[?] -> s:f32[?]; signature add x=x y=y -> sum=s; graph second; "
       "MUL u:f32[?] v:f32[?] -> p:f32[?]; signature mul x=u y=v -> product=p")
STRINGS = ("GATHER w:str[2] i:i32[2]={1,0} -> g:str[2] {axis=0}; "
           "ADD x:f32[2] k:f32[1]={1} -> y:f32[2]; in w x; out g y")
DYNAMIC = "WHERE a:bool[4] -> b:i64[?,1]; ADD x:f32[2] k:f32[1]={1} -> y:f32[2]; in a x; out b y"


def load(**options):
    if not PLAIN.exists():
        raise unittest.SkipTest("the build has no delegate to load")
    return load_delegate(str(PLAIN), options)


def make(text, *delegates, **arguments):
    made = Interpreter(model_content=models.draft(text), experimental_delegates=list(delegates),
                       **arguments)
    made.allocate_tensors()
    return made


def run(interpreter, *values):
    for about, value in zip(interpreter.get_input_details(), values):
        interpreter.set_tensor(about["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(about["index"]) for about in interpreter.get_output_details()]


def names(interpreter):
    return [about["op_name"] for about in interpreter._get_ops_details()]


ROW = np.float32([[20, 1, 2]])


class Loading(unittest.TestCase):
    def test_options_are_text(self):
        self.assertEqual(run(make(ADD, load(factor=2.5)), ROW)[0].tolist(), [[52.5, 5, 7.5]])

    def test_refusal(self):
        with self.assertRaisesRegex(ValueError, r"Failed to load delegate from .*abi_plain_plugin.so"
                                                r"\nunknown option 1$"):
            load_delegate(str(PLAIN), {1: 2})
        with self.assertRaisesRegex(ValueError, "^unknown option x$"):
            Delegate(str(PLAIN), {"x": 2})

    def test_no_delegate(self):
        for kind in (OSError, ValueError):
            with self.assertRaisesRegex(kind, "nobody.so"):
                load_delegate("nobody.so")
        for kind in (AttributeError, ValueError):
            with self.assertRaisesRegex(kind, "tflite_plugin_create_delegate"):
                load_delegate("libc.so.6")

    def test_pointer(self):
        self.assertIsInstance(load()._get_native_delegate_pointer(), int)


class Computing(unittest.TestCase):
    def test_takes_nodes(self):
        delegate = load(factor=2)
        interpreter = make(ADD, delegate)
        self.assertEqual(names(interpreter), ["ADD", "DELEGATE"])
        self.assertEqual(run(interpreter, ROW)[0].tolist(), [[42, 4, 6]])
        interpreter.resize_tensor_input(0, [2, 3])
        interpreter.allocate_tensors()
        self.assertEqual(run(interpreter, np.ones((2, 3), "f"))[0].tolist(), [[4] * 3] * 2)
        other = make(ADD, delegate)
        self.assertEqual(run(other, ROW)[0].tolist(), [[42, 4, 6]])

    def test_needs_the_c_library(self):
        """One that is linked to libtensorflowlite_c.so finds it in the package."""
        if not OPAQUE.exists():
            self.skipTest("the build has no such delegate")
        interpreter = make(ADD, load_delegate(str(OPAQUE), {"factor": 3}))
        self.assertEqual(run(interpreter, ROW)[0].tolist(), [[63, 6, 9]])

    def test_the_first_chooses_first(self):
        one, two = load(factor=10, take="MUL"), load(factor=100)
        interpreter = make(CHAIN, one, two)
        self.assertEqual(names(interpreter)[5:], ["DELEGATE"] * 3)
        a = -ROW
        b = 100 * (a + 1)
        right = [100 * (np.abs(10 * b * 2) + ROW), b]
        self.assertEqual([r.tolist() for r in run(interpreter, ROW)], [r.tolist() for r in right])

    def test_fixed_sizes(self):
        interpreter = make(ADD, load(factor=2, static=1))
        self.assertEqual(run(interpreter, ROW)[0].tolist(), [[42, 4, 6]])
        interpreter.resize_tensor_input(0, [1, 3])
        interpreter.allocate_tensors()
        self.assertEqual(run(interpreter, ROW)[0].tolist(), [[42, 4, 6]])
        interpreter.resize_tensor_input(0, [2, 3])
        interpreter.allocate_tensors()
        self.assertEqual(run(interpreter, np.ones((2, 3), "f"))[0].tolist(), [[4] * 3] * 2)
        with self.assertRaisesRegex(RuntimeError, "fixed sizes"):
            make(DYNAMIC, load(static=1))

    def test_signatures(self):
        interpreter = make(TWO, load(factor=2))
        add, mul = (interpreter.get_signature_runner(key) for key in ("add", "mul"))
        for size in (1, 4, 4, 2):
            x = np.arange(size, dtype="f")
            self.assertEqual(add(x=x, y=x)["sum"].tolist(), (4 * x).tolist())
            self.assertEqual(mul(x=x, y=x)["product"].tolist(), (2 * x * x).tolist())

    def test_strings(self):
        interpreter = make(STRINGS, load(factor=2))
        for words in (["one", "two"], ["a longer one", ""]):
            gathered, total = run(interpreter, np.array(words), np.float32([1, 2]))
            self.assertEqual(gathered.tolist(), [word.encode() for word in reversed(words)])
            self.assertEqual(total.tolist(), [4, 6])

    def test_with_other_arguments(self):
        interpreter = make(CHAIN, load(take="ADD"), num_threads=2,
                           experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                           experimental_preserve_all_tensors=True)
        run(interpreter, ROW)
        kept = {about["name"]: interpreter.get_tensor(about["index"])
                for about in interpreter.get_tensor_details()}
        self.assertEqual(kept["a"].tolist(), (-ROW).tolist())
        self.assertEqual(kept["c"].tolist(), (2 * (1 - ROW)).tolist())

    def test_views(self):
        interpreter = make(ADD, load(factor=2))
        interpreter.tensor(0)()[:] = 4
        interpreter.invoke()
        view = interpreter.tensor(interpreter.get_output_details()[0]["index"])()
        self.assertEqual(view.tolist(), [[10] * 3])
        for call in (interpreter.invoke, interpreter.allocate_tensors):
            with self.assertRaisesRegex(RuntimeError, "reference to internal data"):
                call()
        interpreter.close()
        self.assertEqual(view.tolist(), [[10] * 3])


class Refusing(unittest.TestCase):
    def test_when_applied(self):
        with self.assertRaisesRegex(RuntimeError, "the plugin gives up at delegate"):
            make(ADD, load(refuse="delegate"))

    def test_when_prepared(self):
        interpreter = Interpreter(model_content=models.draft(ADD),
                                  experimental_delegates=[load(refuse="prepare")])
        with self.assertRaisesRegex(RuntimeError, "the plugin gives up at prepare"):
            interpreter.allocate_tensors()
        with self.assertRaisesRegex(RuntimeError, "not ready"):
            interpreter.invoke()

    def test_when_invoked(self):
        interpreter = make(ADD, load(refuse="invoke"))
        for _ in range(2):
            with self.assertRaisesRegex(RuntimeError, "the plugin gives up at invoke"):
                interpreter.invoke()

    def test_no_delegates(self):
        for given, kind in (([None], AttributeError), ([1], AttributeError), (3, TypeError)):
            with self.assertRaises(kind):
                Interpreter(model_content=models.draft(ADD), experimental_delegates=given)


class Lifetime(unittest.TestCase):
    """A delegate is destroyed when neither the program nor an interpreter has it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name) / "log"

    def destroyed(self):
        gc.collect()
        return self.log.read_text().count("destroyed") if self.log.exists() else 0

    def test_outlives_the_interpreter(self):
        delegate = load(factor=2, log=self.log)
        interpreter = make(ADD, delegate)
        del interpreter
        self.assertEqual(self.destroyed(), 0)
        del delegate
        self.assertEqual(self.destroyed(), 1)

    def test_is_kept_by_the_interpreter(self):
        interpreter = make(ADD, load(factor=2, log=self.log))
        self.assertEqual(self.destroyed(), 0)
        self.assertEqual(run(interpreter, ROW)[0].tolist(), [[42, 4, 6]])
        interpreter.close()
        self.assertEqual(self.destroyed(), 1)

    def test_is_kept_by_a_view(self):
        interpreter = make(ADD, load(log=self.log))
        view = interpreter.tensor(0)()
        del interpreter
        self.assertEqual(self.destroyed(), 0)
        view[:] = 1
        del view
        self.assertEqual(self.destroyed(), 1)

    def test_is_gone_after_a_failure(self):
        with self.assertRaises(RuntimeError):
            make(ADD, load(refuse="delegate", log=self.log))
        self.assertEqual(self.destroyed(), 1)


@unittest.skipIf(theirs is None, "ai_edge_litert is not installed")
class SideBySide(unittest.TestCase):
    """The same delegate in both packages."""

    def setUp(self):
        warnings.simplefilter("ignore")

    def both(self, text, values, **options):
        results = []
        for package in (ours, theirs):
            delegate = package.load_delegate(str(PLAIN), options)
            plain = package.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            interpreter = package.Interpreter(model_content=models.draft(text),
                                              experimental_delegates=[delegate],
                                              experimental_op_resolver_type=plain)
            told = []
            for row in values:
                for about, value in zip(interpreter.get_input_details(), row):
                    interpreter.resize_tensor_input(about["index"], value.shape)
                interpreter.allocate_tensors()
                told.append([r.tolist() for r in run(interpreter, *row)])
                told.append([(about["op_name"], about["inputs"].tolist(),
                              about["outputs"].tolist())
                             for about in interpreter._get_ops_details()])
                told.append([(about["name"], about["shape"].tolist())
                             for about in interpreter.get_input_details()
                             + interpreter.get_output_details()])
            results.append(told)
            del interpreter, delegate
        self.assertEqual(*results)

    def test_results(self):
        load()
        rows = [(ROW,), (np.ones((2, 3), "f"),), (ROW,)]
        for options in ({"factor": 2}, {"factor": 3, "take": "ADD"}, {"take": "MUL", "factor": 5}):
            for text in (ADD, CHAIN):
                with self.subTest(text=text, options=options):
                    self.both(text, rows, **options)


if __name__ == "__main__":
    unittest.main()

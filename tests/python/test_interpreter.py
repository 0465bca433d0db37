# SPDX-License-Identifier: Apache-2.0
"""midge.interpreter by itself: what it promises beyond what the originals do, and what they do
where they are not installed."""
import gc
import pathlib
import subprocess
import sys
import threading
import os
import signal
import unittest

import numpy as np

import models
from midge.interpreter import (Delegate, Interpreter, InterpreterWithCustomOps, OpResolverType,
                               load_delegate)

ADD = "ADD a:f32[2] b:f32[2] -> c:f32[2]"
ANY = "ABS a:f32[?,2] -> c:f32[?,2]"
TWO = ("ADD a:f32[?] b:f32[?] -> c:f32[?]; signature add x=a y=b -> sum=c; graph second; "
       "MUL d:f32[?] e:f32[?] -> f:f32[?]; signature mul x=d y=e -> product=f")


def make(text, **arguments):
    interpreter = Interpreter(model_content=models.draft(text), **arguments)
    interpreter.allocate_tensors()
    return interpreter


class Errors(unittest.TestCase):
    def check(self, kind, pattern, function, *arguments, **named):
        with self.assertRaisesRegex(kind, pattern):
            function(*arguments, **named)

    def test_sources(self):
        self.check(ValueError, "must be specified", Interpreter)
        self.check(ValueError, "both", Interpreter, "a", b"b")
        self.check(ValueError, "nowhere.tflite.*No such file", Interpreter, "/nowhere.tflite")
        self.check(ValueError, "directory", Interpreter, "/")
        self.check(ValueError, "web page", Interpreter,
                   model_content=b"<!DOCTYPE html><html><body>not found</body></html>")
        self.check(ValueError, "zero byte", Interpreter, "a\0b")
        self.check(TypeError, "int", Interpreter, 5)
        self.check(TypeError, "str", Interpreter, model_content="text")
        Interpreter(pathlib.Path(models.BUILT_IN))
        Interpreter(str(models.BUILT_IN).encode())
        Interpreter(model_content=bytearray(models.BUILT_IN.read_bytes()))

    def test_arguments(self):
        content = models.draft(ADD)
        self.check(ValueError, ">= 1", Interpreter, model_content=content, num_threads=0)
        self.check(ValueError, "be int", Interpreter, model_content=content, num_threads="2")
        self.check(ValueError, "resolver", Interpreter, model_content=content,
                   experimental_op_resolver_type=2)
        self.check(ValueError, "custom_op_registerers", InterpreterWithCustomOps, ["Register"],
                   model_content=content)
        InterpreterWithCustomOps(model_content=content)

    def test_missing_operators(self):
        lacking = "custom:Nobody a:f32[2] -> b:f32[2]"
        interpreter = Interpreter(model_content=models.draft(lacking))
        self.check(RuntimeError, "Nobody", interpreter.allocate_tensors)
        self.check(ValueError, "ADD.*99", Interpreter,
                   model_content=models.draft(ADD.replace("ADD", "ADD.99")))

    def test_order_of_calls(self):
        interpreter = Interpreter(model_content=models.draft(ADD))
        self.check(RuntimeError, "allocate_tensors", interpreter.invoke)
        self.check(ValueError, "allocate_tensors", interpreter.get_tensor, 0)
        self.check(ValueError, "allocate_tensors", interpreter.set_tensor, 0, np.zeros(2, "f"))
        self.check(ValueError, "allocate_tensors", interpreter.tensor(0))
        interpreter.allocate_tensors()
        interpreter.invoke()
        interpreter.resize_tensor_input(0, [1])
        self.check(RuntimeError, "allocate_tensors", interpreter.invoke)

    def test_values_name_both_sides_and_the_remedy(self):
        interpreter = make(ADD)
        self.check(ValueError, r"FLOAT64 but expected type FLOAT32.*astype\('float32'\)",
                   interpreter.set_tensor, 0, [1.0, 2.0])
        self.check(ValueError, "Got 2 but expected 1.*expand_dims", interpreter.set_tensor, 0,
                   np.zeros((1, 2), "f"))
        self.check(ValueError, "Got 3 but expected 2 for dimension 0.*resize_tensor_input",
                   interpreter.set_tensor, 0, np.zeros(3, "f"))
        for index in (-1, 3, 2 ** 31 - 1):
            self.check(ValueError, "Invalid tensor index", interpreter.get_tensor, index)
        self.check(TypeError, "1099511627776", interpreter.get_tensor, 2 ** 40)
        self.check(TypeError, "integer", interpreter.get_tensor, 1.0)
        self.check(TypeError, "integer", interpreter.get_tensor, "a")
        self.check(ValueError, "subgraph", interpreter.get_tensor, 0, 1)
        self.check(ValueError, "subgraph", interpreter.get_tensor_details, 1)
        self.check(ValueError, "constant",
                   make("ADD a:f32[2] k:f32[2]={1} -> c:f32[2]").set_tensor, 1,
                   np.zeros(2, "f"))

    def test_delegates(self):
        for kind in (OSError, ValueError):
            self.check(kind, "nobody.so", load_delegate, "nobody.so")
            self.check(kind, "nobody.so", Delegate, "nobody.so")
        self.check(ValueError, "tflite_plugin_create_delegate", load_delegate, "libc.so.6")

    def test_failed_preparation_can_be_mended(self):
        interpreter = make("CONCATENATION a:f32[2,?] b:f32[2,?] -> c:f32[2,?] {axis=1}")
        interpreter.resize_tensor_input(0, [3, 1])
        self.check(RuntimeError, "CONCATENATION", interpreter.allocate_tensors)
        self.check(RuntimeError, "allocate_tensors", interpreter.invoke)
        interpreter.resize_tensor_input(1, [3, 4])
        interpreter.allocate_tensors()
        interpreter.invoke()
        self.assertEqual(interpreter.get_tensor(2).shape, (3, 5))


class Values(unittest.TestCase):
    def test_computes(self):
        for resolver in OpResolverType:
            interpreter = make(ADD, experimental_op_resolver_type=resolver, num_threads=2)
            interpreter.set_tensor(0, np.float32([1, 2]))
            interpreter.set_tensor(1, np.float32([3, 4])[::-1])
            interpreter.invoke()
            self.assertEqual(interpreter.get_tensor(2).tolist(), [5, 5])

    def test_packed_integers(self):
        for name, kind, values in (("i4", np.int8, [-8, 7, -1, 0, 3]),
                                   ("u4", np.uint8, [15, 0, 9, 1, 2]),
                                   ("i2", np.int8, [-2, 1, -1, 0, 1])):
            with self.subTest(name):
                interpreter = make("RESHAPE a:%s[5] s:i32[1]={5} -> b:%s[5]" % (name, name))
                interpreter.set_tensor(0, np.array(values, kind))
                interpreter.invoke()
                result = interpreter.get_tensor(2)
                self.assertEqual((result.tolist(), result.dtype), (values, kind))
                with self.assertRaisesRegex(ValueError, "get_tensor"):
                    interpreter.tensor(0)()

    def test_strings(self):
        interpreter = make("RESHAPE a:str[2,2] s:i32[1]={4} -> b:str[4]")
        words = [b"", "gr\u00fcn".encode(), b"a\0b", b"long " * 99]
        for given in (np.array(words, object).reshape(2, 2),
                      [["", "gr\u00fcn"], ["a\0b", "long " * 99]]):
            interpreter.set_tensor(0, given)
            interpreter.invoke()
            self.assertEqual(interpreter.get_tensor(2).tolist(), words)
            self.assertEqual(interpreter.get_tensor(0).tolist(), [words[:2], words[2:]])
        with self.assertRaisesRegex(ValueError, "STRING"):
            interpreter.set_tensor(0, np.zeros((2, 2), np.int8))
        with self.assertRaisesRegex(ValueError, "float"):
            interpreter.set_tensor(0, np.array([[1.0, "a"], ["b", "c"]], object))

    def test_empty_tensors(self):
        interpreter = make(ANY)
        interpreter.resize_tensor_input(0, [0, 2])
        interpreter.allocate_tensors()
        interpreter.set_tensor(0, np.zeros((0, 2), "f"))
        self.assertEqual(interpreter.tensor(0)().shape, (0, 2))
        interpreter.invoke()
        self.assertEqual(interpreter.get_tensor(1).shape, (0, 2))

    def test_shapes_known_after_a_run(self):
        interpreter = make("WHERE a:bool[4] -> b:i64[?,1]")
        for mask in ([True, False, True, True], [False] * 4):
            interpreter.set_tensor(0, np.array(mask))
            interpreter.invoke()
            self.assertEqual(interpreter.get_tensor(1).reshape(-1).tolist(),
                             [i for i, taken in enumerate(mask) if taken])

    def test_bfloat16(self):
        interpreter = make("CAST a:f32[3] -> b:bf16[3]")
        interpreter.set_tensor(0, np.float32([1, -2, 0.5]))
        interpreter.invoke()
        bits = interpreter.get_tensor(1).view(np.uint16)
        self.assertEqual(bits.tolist(), [0x3F80, 0xC000, 0x3F00])
        self.assertEqual(interpreter.tensor(1)().view(np.uint16).tolist(), bits.tolist())

    def test_details_of_nodes_and_tensors(self):
        interpreter = make("FULLY_CONNECTED a:i8[1,2]q0.5:3 w:i8[3,2]q0.25:0/0={1} - -> "
                           "c:i8[1,3]q1:0")
        details = {row["name"]: row for row in interpreter.get_tensor_details()}
        self.assertEqual(details["a"]["quantization"], (0.5, 3))
        self.assertEqual(details["w"]["quantization"], (0.0, 0))
        self.assertEqual(details["w"]["quantization_parameters"]["scales"].tolist(), [0.25] * 3)
        node, = interpreter._get_ops_details()
        self.assertEqual(node["op_name"], "FULLY_CONNECTED")
        self.assertEqual(node["inputs"].tolist()[2], -1)
        self.assertEqual(node["operand_types"], [np.int8, np.int8])
        with self.assertRaisesRegex(ValueError, "Invalid node index"):
            interpreter._get_op_details(1)

    def test_all_tensors_can_be_preserved(self):
        text = "NEG a:f32[9] -> b:f32[9]; ABS b -> c:f32[9]; NEG c -> d:f32[9]; ABS d -> e:f32[9]"
        interpreter = make(text, experimental_preserve_all_tensors=True)
        given = np.arange(9, dtype="f") - 4
        interpreter.set_tensor(0, given)
        interpreter.invoke()
        for index, expected in enumerate((given, -given, abs(given), -abs(given), abs(given))):
            np.testing.assert_array_equal(interpreter.get_tensor(index), expected)

    def test_state_is_kept_and_reset(self):
        interpreter = make("SVDF x:f32[1,1] w:f32[1,1]={1} t:f32[1,3]={1} - s:f32[1,3]~ -> "
                           "y:f32[1,1] {rank=1}")
        output = interpreter.get_output_details()[0]["index"]

        def runs():
            results = []
            for value in (1, 2, 3):
                interpreter.set_tensor(0, np.float32([[value]]))
                interpreter.invoke()
                results.append(float(interpreter.get_tensor(output)[0, 0]))
            return results

        self.assertEqual(runs(), [1, 3, 6])
        self.assertEqual(runs(), [6, 6, 6])
        interpreter.reset_all_variables()
        self.assertEqual(runs(), [1, 3, 6])


class Resizing(unittest.TestCase):
    def test_strict(self):
        interpreter = make(ANY)
        interpreter.resize_tensor_input(0, [5, 2], strict=True)
        for shape in ([5, 3], [5], [5, 2, 1]):
            with self.assertRaisesRegex(RuntimeError, "resize"):
                interpreter.resize_tensor_input(0, shape, strict=True)
        interpreter.allocate_tensors()
        self.assertEqual(interpreter.get_tensor(0).shape, (5, 2))
        self.assertEqual(interpreter.get_input_details()[0]["shape_signature"].tolist(), [-1, 2])

    def test_refusals(self):
        interpreter = make(ANY)
        for kind, shape in ((ValueError, [[1, 2]]), (RuntimeError, [-1, 2]), (ValueError, "abc"),
                            (RuntimeError, [2 ** 20, 2 ** 20])):
            with self.assertRaises(kind):
                interpreter.resize_tensor_input(0, shape)
        with self.assertRaisesRegex(RuntimeError, "Invalid tensor index"):
            interpreter.resize_tensor_input(9, [1])
        self.assertEqual(interpreter.get_input_details()[0]["shape"].tolist(), [1, 2])
        interpreter.allocate_tensors()
        interpreter.invoke()

    def test_other_tensors_follow(self):
        interpreter = make(ANY)
        interpreter.resize_tensor_input(0, [4, 2])
        interpreter.resize_tensor_input(1, [4, 2])
        interpreter.allocate_tensors()
        self.assertEqual(interpreter.get_output_details()[0]["shape"].tolist(), [4, 2])


class Views(unittest.TestCase):
    def test_views_look_into_the_tensor(self):
        interpreter = make(ADD)
        first, result = interpreter.tensor(0), interpreter.tensor(2)
        first()[:] = [1, 2]
        interpreter.invoke()
        self.assertEqual(result().tolist(), [1, 2])
        self.assertEqual(first().ctypes.data, first().ctypes.data)

    def test_calls_that_may_move_memory_refuse(self):
        interpreter = make(ADD)
        part = interpreter.tensor(0)()[:1].reshape(1, 1)
        for call in (interpreter.invoke, interpreter.allocate_tensors,
                     lambda: interpreter.resize_tensor_input(0, [1])):
            with self.assertRaisesRegex(RuntimeError, "reference to internal data"):
                call()
        interpreter.set_tensor(0, np.float32([7, 8]))
        self.assertEqual(part.tolist(), [[7]])
        del part
        interpreter.invoke()

    def test_views_of_shapes_known_after_a_run(self):
        interpreter = make("WHERE a:bool[4] -> b:i64[?,1]")
        interpreter.set_tensor(0, np.array([True, False, True, True]))
        interpreter.invoke()
        view = interpreter.tensor(1)()
        self.assertEqual(view.reshape(-1).tolist(), [0, 2, 3])
        with self.assertRaisesRegex(RuntimeError, "reference to internal data"):
            interpreter.invoke()
        del view
        interpreter.set_tensor(0, np.array([False, True, False, False]))
        interpreter.invoke()
        self.assertEqual(interpreter.tensor(1)().tolist(), [[1]])

    def test_views_outlive_the_interpreter(self):
        interpreter = make(ADD)
        interpreter.set_tensor(0, np.float32([7, 8]))
        view = interpreter.tensor(0)()
        interpreter.close()
        del interpreter
        gc.collect()
        view += 1
        self.assertEqual(view.tolist(), [8, 9])

    def test_constants_are_read_only(self):
        interpreter = make("ADD a:f32[2] k:f32[2]={1,2} -> c:f32[2]")
        view = interpreter.tensor(1)()
        self.assertEqual(view.tolist(), [1, 2])
        self.assertFalse(view.flags.writeable)
        with self.assertRaises(ValueError):
            view[0] = 5

    def test_memory_goes_with_the_interpreter(self):
        script = ("import resource, sys; from midge.interpreter import Interpreter\n"
                  "content = open(sys.argv[1], 'rb').read()\n"
                  "def rounds(count):\n"
                  "    for _ in range(count):\n"
                  "        i = Interpreter(model_content=content); i.allocate_tensors()\n"
                  "        i.tensor(0)()\n"
                  "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
                  "rounds(50); before = rounds(50); after = rounds(300)\n"
                  "sys.exit(after - before > 2000)")
        self.assertEqual(subprocess.run([sys.executable, "-c", script,
                                         str(models.BUILT_IN)]).returncode, 0)


class Lifetime(unittest.TestCase):
    def test_close(self):
        with make(ADD) as interpreter:
            runner = interpreter.tensor(0)
        interpreter.close()
        for call in (interpreter.invoke, interpreter.get_input_details, runner,
                     lambda: interpreter.get_tensor(0)):
            with self.assertRaisesRegex(ValueError, "closed"):
                call()
        self.assertIn("closed", repr(interpreter))

    def test_repr(self):
        self.assertIn("a float32[2], b float32[2] -> c float32[2]", repr(make(ADD)))

    def test_threads_wait_for_one_another(self):
        """Whatever they do with one interpreter."""
        model = Interpreter(str(models.BUILT_IN), num_threads=2)
        model.allocate_tensors()
        index, failures = model.get_input_details()[0]["index"], []

        def work(call):
            try:
                for _ in range(60):
                    call()
            except RuntimeError:  # not ready after another's resize
                pass
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)

        calls = (model.invoke, model.allocate_tensors, lambda: model.get_tensor(index),
                 lambda: model.set_tensor(index, np.zeros((1, 28, 28, 1), np.int8)),
                 lambda: model.resize_tensor_input(index, [2, 28, 28, 1]) or
                 model.resize_tensor_input(index, [1, 28, 28, 1]))
        threads = [threading.Thread(target=work, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(all(isinstance(error, ValueError) for error in failures), failures)
        model.allocate_tensors()
        model.invoke()

    def test_errors_are_no_views(self):
        """An error that is kept, as interactive Python keeps the last, holds no view."""
        model = Interpreter(str(models.BUILT_IN))
        model.allocate_tensors()
        try:
            model.set_tensor(model.get_input_details()[0]["index"], np.zeros(3))
        except ValueError as error:
            kept = error
        model.invoke()
        self.assertIn("FLOAT64", str(kept))

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
    def test_fork(self):
        """The child goes on with one thread as with several, and so does the parent."""
        alone, several = (Interpreter(str(models.BUILT_IN), num_threads=n) for n in (1, 3))
        index = alone.get_output_details()[0]["index"]
        for model in (alone, several):
            model.allocate_tensors()
            model.invoke()
        right = alone.get_tensor(index).tolist()
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            status = 1
            try:
                for model in (alone, several):
                    model.invoke()
                    status += model.get_tensor(index).tolist() == right
                    model.close()
            finally:
                os._exit(status != 3)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        several.invoke()

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
    def test_fork_while_another_thread_computes(self):
        """What another thread holds is not held in the child."""
        model = Interpreter(str(models.BUILT_IN), num_threads=2)
        model.allocate_tensors()
        done = threading.Event()

        def work():
            while not done.is_set():
                model.invoke()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for _ in range(5):
                child = os.fork()
                if child == 0:
                    signal.alarm(20)
                    status = 1
                    try:
                        again = Interpreter(str(models.BUILT_IN), num_threads=2)
                        again.allocate_tensors()
                        again.invoke()
                        model.invoke()
                        status = 0
                    finally:
                        os._exit(status)
                self.assertEqual(os.waitpid(child, 0)[1], 0)
        finally:
            done.set()
            thread.join()

    def test_interpreters_run_side_by_side(self):
        interpreters = [make(TWO) for _ in range(4)]
        wrong = []

        def work(number):
            runner = interpreters[number].get_signature_runner("mul")
            for i in range(200):
                value = np.float32([number, i])
                if runner(x=value, y=value)["product"].tolist() != [number ** 2, i ** 2]:
                    wrong.append((number, i))

        threads = [threading.Thread(target=work, args=[i]) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


class Signatures(unittest.TestCase):
    def test_lists(self):
        interpreter = make(TWO)
        self.assertEqual(interpreter.get_signature_list(),
                         {"add": {"inputs": ["x", "y"], "outputs": ["sum"]},
                          "mul": {"inputs": ["x", "y"], "outputs": ["product"]}})
        self.assertEqual(interpreter._get_full_signature_list()["mul"]["inputs"],
                         {"x": 0, "y": 1})
        self.assertEqual(interpreter.num_subgraphs(), 2)

    def test_runs(self):
        interpreter = Interpreter(model_content=models.draft(TWO))
        add = interpreter.get_signature_runner("add")
        mul = interpreter.get_signature_runner("mul")
        for size in (1, 3, 3, 2):
            x = np.arange(size, dtype="f") + 2
            self.assertEqual(add(x=x, y=x)["sum"].tolist(), (x + x).tolist())
            self.assertEqual(mul(y=x, x=x)["product"].tolist(), (x * x).tolist())
        self.assertEqual(mul.get_input_details()["x"]["shape"].tolist(), [2])
        self.assertEqual(mul.get_output_details()["product"]["name"], "f")
        self.assertIn("mul(x, y) -> product", repr(mul))

    def test_refusals(self):
        interpreter = make(TWO)
        add = interpreter.get_signature_runner("add")
        one = np.zeros(1, "f")
        for kind, pattern, call in (
                (ValueError, "model has 2 Signatures", interpreter.get_signature_runner),
                (ValueError, "Invalid signature_key",
                 lambda: interpreter.get_signature_runner("?")),
                (ValueError, "expected 2 vs provided 1", lambda: add(x=one)),
                (ValueError, r"Invalid Input name \(z\)", lambda: add(x=one, z=one)),
                (ValueError, "INT32 but expected type FLOAT32",
                 lambda: add(x=one, y=np.zeros(1, np.int32))),
                (RuntimeError, "ADD", lambda: add(x=np.zeros(2, "f"), y=np.zeros(3, "f")))):
            with self.assertRaisesRegex(kind, pattern):
                call()
        interpreter.resize_tensor_input(0, [1])
        interpreter.resize_tensor_input(1, [1])
        interpreter.allocate_tensors()
        view = interpreter.tensor(0)()
        with self.assertRaisesRegex(RuntimeError, "reference to internal data"):
            add(x=one, y=one)
        del view
        self.assertEqual(add(x=one, y=one)["sum"].tolist(), [0])


if __name__ == "__main__":
    unittest.main()

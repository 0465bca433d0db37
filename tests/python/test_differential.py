# SPDX-License-Identifier: Apache-2.0
"""midge.interpreter and ai_edge_litert.interpreter side by side: the same models, the same calls,
the same results and kinds of exceptions. Both compute with their reference kernels."""
import inspect
import re
import unittest
import warnings

import numpy as np

import models
from midge import interpreter as ours

try:
    from ai_edge_litert import interpreter as theirs
    if theirs.Interpreter is ours.Interpreter:
        theirs = None
except ImportError:
    theirs = None

SHARED = ["litert/" + name + ".tflite" for name in (
    "add_1d_2d_3d_4d", "delegate_compatibility_test", "island_partial", "l2_norm_composite",
    "mul_quant", "multi_signature_model", "q_einsum", "reverse_signature_model",
    "simple_add_dynamic_shape", "simple_group_norm_op", "simple_quantized_ops",
    "simple_reduceany_op", "simple_tile_op", "single_add_default_a8w8_recipe_quantized",
    "sqrt_mean_mul_ops", "topo_sort_interleaved",
    "v_einsum")] + ["coral/" + name + ".tflite" for name in (
        "mobilenet_v1_0.25_128_quant", "keras_lstm_mnist_ptq", "split_concat",
        "model_invoking_error")]
DRAFTS = [
    "ADD a:f32[2] b:f32[2] -> c:f32[2]",
    "ABS a:f32[?,2] -> c:f32[?,2]",
    "WHERE a:bool[4] -> b:i64[?,1]",
    "RESHAPE a:str[2,2] s:i32[1]={4} -> b:str[4]",
    "RESHAPE a:i4[5] s:i32[1]={5} -> b:i4[5]",
    "CAST a:f32[3] -> b:bf16[3]",
    "CAST a:f32[3] -> b:f16[3]",
    "CAST a:i32[3] -> b:f64[3]",
    "FULLY_CONNECTED a:i8[1,2]q0.5:3 w:i8[3,2]q0.25:0={1} - -> c:i8[1,3]q1:0",
    "CONV_2D a:i8[1,3,3,1]q0.5:3 w:i8[2,1,1,1]q0.25:0/0={1} "
    "b:i32[2]q0.125:0/0={1} -> c:i8[1,3,3,2]q1:0 "
    "{stride_w=1 stride_h=1}",
    "ADD a:f32[] b:f32[] -> c:f32[]",
    "RESHAPE a:str[1] s:i32[0]= -> b:str[]",
    "custom:Nobody a:f32[2] -> b:f32[2]",
    "ADD a:f32[?] b:f32[?] -> c:f32[?]; signature add x=a y=b -> sum=c; graph second; "
    "MUL d:f32[?] e:f32[?] -> f:f32[?]; signature mul x=d y=e -> product=f",
]
SPARSE = "DENSIFY x:f32[3,4]=% -> y:f32[3,4]; ADD y z:f32[3,4] -> w:f32[3,4]"


def outcome(function, *arguments, **named):
    """("gave", value) or ("raised", kind)."""
    try:
        return "gave", function(*arguments, **named)
    except (ValueError, RuntimeError, TypeError, OSError, AttributeError) as error:
        for kind in (ValueError, RuntimeError, TypeError, OSError, AttributeError):
            if isinstance(error, kind):
                return "raised", kind.__name__
    return None


@unittest.skipIf(theirs is None, "ai_edge_litert is not installed")
class SideBySide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        cls.contents = {str(models.BUILT_IN.name): models.BUILT_IN.read_bytes()}
        for text in DRAFTS:
            try:
                cls.contents[text] = models.draft(text)
            except unittest.SkipTest:
                pass
        for name in SHARED:
            path = models.SHARED / name
            if path.exists():
                cls.contents[name] = path.read_bytes()

    def pair(self, content, **arguments):
        made = []
        for package in (ours, theirs):
            made.append(package.Interpreter(
                model_content=content,
                experimental_op_resolver_type=package.OpResolverType.BUILTIN_REF, **arguments))
        return made

    def same(self, mine, other, what):
        """Values of the same types, keys, shapes and, floats aside, bits."""
        if isinstance(other, dict):
            self.assertEqual(list(mine), list(other), what)
            for key in other:
                self.same(mine[key], other[key], "%s %s" % (what, key))
        elif isinstance(other, (list, tuple)):
            self.assertIs(type(mine), type(other), what)
            self.assertEqual(len(mine), len(other), what)
            for i, (a, b) in enumerate(zip(mine, other)):
                self.same(a, b, "%s %d" % (what, i))
        elif isinstance(other, np.ndarray):
            self.assertEqual((mine.dtype, mine.shape), (other.dtype, other.shape), what)
            if other.dtype == object:
                self.assertEqual(mine.tolist(), other.tolist(), what)
            elif other.dtype.kind == "f":
                np.testing.assert_allclose(mine, other, 2e-5, 2e-6, err_msg=what)
            else:
                np.testing.assert_array_equal(mine, other, what)
        else:
            self.assertIs(type(mine), type(other), what)
            self.assertEqual(mine, other, what)

    def same_call(self, pair, what, call):
        mine, other = (outcome(call, interpreter) for interpreter in pair)
        self.same(mine, other, what)
        return mine[0] == "gave"

    def each(self, check):
        for name, content in self.contents.items():
            with self.subTest(name):
                check(name, self.pair(content))

    def details(self, pair, name):
        count = len(pair[0].get_tensor_details())
        self.same_call(pair, name + ": inputs", lambda i: i.get_input_details())
        self.same_call(pair, name + ": outputs", lambda i: i.get_output_details())
        # The originals add temporary tensors at the end.
        self.same_call(pair, name + ": tensors", lambda i: i.get_tensor_details()[:count])

    def test_details(self):
        self.each(self.check_details)

    def check_details(self, name, pair):
        self.details(pair, name)
        self.same_call(pair, name + ": nodes", lambda i: i._get_ops_details())
        self.same_call(pair, name + ": graphs", lambda i: i.num_subgraphs())
        self.same_call(pair, name + ": signatures", lambda i: i.get_signature_list())
        self.same_call(pair, name + ": full", lambda i: i._get_full_signature_list())
        self.same_call(pair, name, lambda i: i.allocate_tensors())
        self.details(pair, name)
        for graph in range(1, pair[0].num_subgraphs()):
            count = len(pair[0].get_tensor_details(graph))
            self.same_call(pair, "%s: graph %d" % (name, graph),
                           lambda i, graph=graph, count=count: i.get_tensor_details(graph)[:count])

    @staticmethod
    def value(details, random):
        shape, kind = details["shape"], np.dtype(details["dtype"])
        if kind.kind == "S":
            return np.array([b"word %d" % i for i in range(int(np.prod(shape)))],
                            object).reshape(shape)
        if kind.kind in "iu":
            small = details["dtype"] is np.int8 and details["quantization"] == (0.0, 0)
            low, high = (-8, 8) if small else (0, 100)
            return random.integers(low, high, shape).astype(kind)
        if kind.kind == "b":
            return random.random(shape) < 0.5
        return (random.random(shape) * 2 - 1).astype(kind)

    def test_results(self):
        self.each(self.check_results)

    def check_results(self, name, pair):
        for interpreter in pair:
            outcome(interpreter.allocate_tensors)
        for seed in range(2):
            for details in pair[1].get_input_details():
                value = self.value(details, np.random.default_rng(seed))
                self.same_call(pair, name + ": set", lambda i, d=details, v=value:
                               i.set_tensor(d["index"], v))
                self.same_call(pair, name + ": input", lambda i, d=details:
                               i.get_tensor(d["index"]))
            self.same_call(pair, name + ": invoke", lambda i: i.invoke())
            for details in pair[1].get_output_details():
                self.same_call(pair, name + ": get", lambda i, d=details:
                               i.get_tensor(d["index"]))

    def test_signatures(self):
        self.each(self.check_signatures)

    def check_signatures(self, name, pair):
        for key, names in pair[1].get_signature_list().items():
            runners = [i.get_signature_runner(key) for i in pair]
            self.same_call(runners, name, lambda r: r.get_input_details())
            self.same_call(runners, name, lambda r: r.get_output_details())
            details = runners[1].get_input_details()
            values = {n: self.value(details[n], np.random.default_rng(5)) for n in names["inputs"]}
            self.same_call(runners, "%s: %s" % (name, key), lambda r, v=values: r(**v))
            self.same_call(runners, name + ": after", lambda r: r.get_output_details())
        self.same_call(pair, name, lambda i: type(i.get_signature_runner()).__name__)
        self.same_call(pair, name, lambda i: i.get_signature_runner("nobody"))

    def test_misuse(self):
        zeros = np.zeros(2, "f")
        calls = {
            "invoke": lambda i: i.invoke(),
            "get": lambda i: i.get_tensor(0).shape,
            "get output": lambda i: i.get_tensor(2).shape,
            "view": lambda i: i.tensor(0)().shape,
            "set": lambda i: i.set_tensor(0, zeros),
            "set list": lambda i: i.set_tensor(0, [1.0, 2.0]),
            "set type": lambda i: i.set_tensor(0, np.zeros(2, np.int32)),
            "set rank": lambda i: i.set_tensor(0, np.zeros((1, 2), "f")),
            "set size": lambda i: i.set_tensor(0, np.zeros(3, "f")),
            "set text": lambda i: i.set_tensor(0, "text"),
            "set None": lambda i: i.set_tensor(0, None),
            "index": lambda i: i.get_tensor(99),
            "negative index": lambda i: i.get_tensor(-1),
            "index of float": lambda i: i.get_tensor(0.0),
            "index of NumPy": lambda i: i.get_tensor(np.int64(0)).shape,
            "index as text": lambda i: i.get_tensor("0"),
            "subgraph": lambda i: i.get_tensor(0, 1),
            "view of nothing": lambda i: i.tensor(99)(),
            "details": lambda i: i.get_tensor_details(1),
            "negative details": lambda i: i.get_tensor_details(-1),
            "node": lambda i: i._get_op_details(1),
            "resize index": lambda i: i.resize_tensor_input(99, [2]),
            "resize negative": lambda i: i.resize_tensor_input(0, [-2]),
            "resize 2d": lambda i: i.resize_tensor_input(0, [[2]]),
            "resize text": lambda i: i.resize_tensor_input(0, "two"),
            "resize strict": lambda i: i.resize_tensor_input(0, [3], strict=True),
            "resize rank strict": lambda i: i.resize_tensor_input(0, [1, 2], strict=True),
            "resize the same": lambda i: i.resize_tensor_input(0, [2]),
            "reset": lambda i: i.reset_all_variables(),
            "runner": lambda i: i.get_signature_runner(),
        }
        content = models.draft(DRAFTS[0])
        for name, call in calls.items():
            with self.subTest(name):
                pair = self.pair(content)
                self.same_call(pair, name + " before", call)
                self.same_call(pair, name + ", allocate", lambda i: i.allocate_tensors())
                self.same_call(pair, name + " after", call)
                for index in (0, 1):
                    self.same_call(pair, name + ", set", lambda i, index=index:
                                   i.set_tensor(index, zeros))
                if self.same_call(pair, name + ", invoke", lambda i: i.invoke()):
                    self.same_call(pair, name + ", result", lambda i: i.get_tensor(2))

    def test_sequences(self):
        """What is allowed when, after resizing and while views are alive."""
        steps = {
            "invoke": lambda i, kept: i.invoke(),
            "allocate": lambda i, kept: i.allocate_tensors(),
            "resize": lambda i, kept: [i.resize_tensor_input(n, [3]) for n in (0, 1)] and None,
            "back": lambda i, kept: [i.resize_tensor_input(n, [2]) for n in (0, 1)] and None,
            "odd": lambda i, kept: i.resize_tensor_input(0, [5]),
            "resize output": lambda i, kept: i.resize_tensor_input(2, [3]),
            "set": lambda i, kept: i.set_tensor(0, np.ones(2, "f")),
            "view": lambda i, kept: kept.append(i.tensor(0)()),
            "drop": lambda i, kept: kept.clear(),
            "shape": lambda i, kept: i.get_input_details()[0]["shape"].tolist(),
        }
        random = np.random.default_rng(7)
        for number in range(60):
            names = [str(name) for name in random.choice(list(steps), 12)]
            with self.subTest(" ".join(names)):
                pair = self.pair(models.draft(DRAFTS[0]))
                kept = {id(i): [] for i in pair}
                for name in names:
                    self.same_call(pair, name, lambda i, name=name: steps[name](i, kept[id(i)]))

    def test_construction(self):
        content = models.draft(DRAFTS[0])
        cases = [{}, {"model_path": "/nowhere"}, {"model_path": "/"}, {"model_path": 5},
                 {"model_content": b"abc"}, {"model_content": "abc"},
                 {"model_path": "a", "model_content": content},
                 {"model_path": "", "model_content": b""},
                 {"model_content": b"<html>" * 100}, {"model_content": content[:-40]}]
        cases += [{"model_content": content, "num_threads": n} for n in (0, -1, "2", 2.0, True, 3)]
        cases += [{"model_content": content, "experimental_op_resolver_type": 2},
                  {"model_content": content, "experimental_delegates": [5]},
                  {"model_content": content, "experimental_preserve_all_tensors": True},
                  {"model_content": models.draft("ADD.99 a:f32[2] b:f32[2] -> c:f32[2]")}]
        for case in cases:
            with self.subTest(str(case)[:60]):
                results = [outcome(package.Interpreter, **case) for package in (ours, theirs)]
                self.assertEqual(results[0][0], results[1][0])
                if results[0][0] == "raised":
                    self.assertEqual(results[0][1], results[1][1])

    def test_preserved_tensors(self):
        text = "NEG a:f32[9] -> b:f32[9]; ABS b -> c:f32[9]; NEG c -> d:f32[9]; ABS d -> e:f32[9]"
        pair = self.pair(models.draft(text), experimental_preserve_all_tensors=True)
        for interpreter in pair:
            interpreter.allocate_tensors()
            interpreter.set_tensor(0, np.arange(9, dtype="f") - 4)
            interpreter.invoke()
        for index in range(5):
            self.same_call(pair, str(index), lambda i, index=index: i.get_tensor(index))

    def test_sparse_constants(self):
        content = models.draft(SPARSE)
        pair = self.pair(content)
        for interpreter in pair:
            interpreter.allocate_tensors()
        self.same_call(pair, "details", lambda i: i.get_tensor_details()[0])
        self.same_call(pair, "stored", lambda i: i.get_tensor(0))
        for interpreter in pair:
            interpreter.set_tensor(2, np.zeros((3, 4), "f"))
            interpreter.invoke()
        self.same_call(pair, "dense", lambda i: i.get_tensor(3))

    def test_names_and_arguments(self):
        for name in ours.__all__:
            with self.subTest(name):
                mine, other = getattr(ours, name), getattr(theirs, name)
                if name == "OpResolverType":
                    self.assertEqual([(m.name, m.value) for m in mine],
                                     [(m.name, m.value) for m in other])
                    continue
                self.same_parameters(mine, other)
                for method in vars(other) if isinstance(other, type) else ():
                    if callable(getattr(other, method)) and (not method.startswith("_") or
                                                             method.startswith("_get")):
                        self.same_parameters(getattr(mine, method), getattr(other, method))

    def same_parameters(self, mine, other):
        def rows(function):
            return [(p.name, p.default, p.kind) if not hasattr(p.default, "name")
                    else (p.name, p.default.name, p.kind)
                    for p in inspect.signature(function).parameters.values()]
        if other.__name__ == "_get_tensor_details":
            self.assertEqual([row[0] for row in rows(mine)], [row[0] for row in rows(other)])
        else:
            self.assertEqual(rows(mine), rows(other), other.__name__)

    def test_every_name_is_there_and_in_the_table(self):
        """What the original's module and classes have, without the modules that it imports."""
        table = (models.ROOT / "docs" / "python.md").read_text()
        rows = table.split("| name | state |\n| --- | --- |\n")[1].split("\n\n")[0].splitlines()
        states = [row.split("|")[2].strip() for row in rows]
        self.assertGreater(len(states), 35)
        self.assertEqual([state for state in states if not re.match("same($|[,:; ])", state)], [])
        names = [name for name in dir(theirs) if not name.startswith("_") and
                 not inspect.ismodule(getattr(theirs, name))]
        self.assertIn("Interpreter", names)
        for name in names:
            kind = getattr(theirs, name)
            self.assertTrue(hasattr(ours, name), name)
            self.assertIn("| `%s" % name, table)
            members = [member for member in dir(kind) if not member.startswith("__")] if \
                inspect.isclass(kind) else []
            for member in members:
                self.assertTrue(hasattr(getattr(ours, name), member), (name, member))
                self.assertRegex(table, r"\| `(%s\.)?%s[`(]" % (name, member))

    def test_views_make_unsafe(self):
        mine, other = self.pair(models.BUILT_IN.read_bytes())
        for one in (mine, other):
            one.allocate_tensors()
            view = one.tensor(0)()
            self.assertFalse(one._safe_to_run())
            self.assertEqual(outcome(one._ensure_safe), ("raised", "RuntimeError"))
            del view
            self.assertTrue(one._safe_to_run())
            self.assertEqual(outcome(one._ensure_safe), ("gave", None))

    def test_delegates(self):
        for name in ("nobody.so", "/"):
            mine, other = outcome(ours.load_delegate, name), outcome(theirs.load_delegate, name)
            self.assertEqual(mine[0], other[0])
            with self.assertRaises(OSError):
                ours.load_delegate(name)


if __name__ == "__main__":
    unittest.main()

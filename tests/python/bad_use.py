# SPDX-License-Identifier: Apache-2.0
"""Calls in the wrong order, with wrong values and at the wrong time, on midge.interpreter or on
ai_edge_litert, each in a process of its own. Prints one line a case: NAME<tab>ANSWER, where the
answer is what the call gave, "raised KIND", "dies" or "hangs".

usage: bad_use.py midge|ai_edge_litert ADD TWO       (files; test_bad_use.py says which)

Every case is a function of the class Cases: its name is the case, its docstring says what is done.
"""
import contextlib
import copy
import importlib
import os
import pathlib
import signal
import sys
import threading
import warnings

import numpy as np

SECONDS = 10
ROW = np.float32([[1, 2, 3]])
KINDS = (ValueError, RuntimeError, TypeError, OSError, AttributeError, IndexError, OverflowError,
         MemoryError, NotImplementedError)


class Cases:
    """`add` adds 1 to float32[?,3] and has the signature serve; `two` has the signatures add and
    mul."""

    def __init__(self, package, add, two):
        self.package, self.add, self.two = package, add, two

    def new(self, content=None, **arguments):
        return self.package.Interpreter(model_content=content or self.add, **arguments)

    def ready(self, content=None, **arguments):
        made = self.new(content, **arguments)
        made.allocate_tensors()
        return made

    def result(self, interpreter):
        interpreter.set_tensor(0, ROW)
        interpreter.invoke()
        return interpreter.get_tensor(2).tolist()

    # ---- Order ----

    def invoke_first(self):
        """invoke before allocate_tensors"""
        self.new().invoke()

    def get_first(self):
        """get_tensor of an input before allocate_tensors"""
        self.new().get_tensor(0)

    def get_output_first(self):
        """get_tensor of an output before allocate_tensors"""
        self.new().get_tensor(2)

    def get_constant_first(self):
        """get_tensor of a constant before allocate_tensors"""
        return self.new().get_tensor(1).tolist()

    def set_first(self):
        """set_tensor before allocate_tensors"""
        self.new().set_tensor(0, ROW)

    def view_first(self):
        """an array of tensor() before allocate_tensors"""
        self.new().tensor(0)()

    def reset_first(self):
        """reset_all_variables before allocate_tensors"""
        self.new().reset_all_variables()

    def runner_first(self):
        """a signature runner before allocate_tensors"""
        return self.new().get_signature_runner()(x=ROW)["y"].tolist()

    def details_first(self):
        """get_input_details before allocate_tensors"""
        return self.new().get_input_details()[0]["shape"].tolist()

    def allocate_twice(self):
        """allocate_tensors twice, then run"""
        made = self.ready()
        made.allocate_tensors()
        return self.result(made)

    def allocate_keeps(self):
        """allocate_tensors again after set_tensor: the value stays"""
        made = self.ready()
        made.set_tensor(0, ROW)
        made.allocate_tensors()
        return made.get_tensor(0).tolist()

    def resized_not_allocated(self):
        """invoke after a resize without allocate_tensors"""
        made = self.ready()
        made.resize_tensor_input(0, [2, 3])
        made.invoke()

    def resized_same(self):
        """invoke after a resize to the shape there is"""
        made = self.ready()
        made.set_tensor(0, ROW)
        made.resize_tensor_input(0, [1, 3])
        made.invoke()
        return made.get_tensor(2).tolist()

    def resized_get(self):
        """get_tensor after a resize without allocate_tensors"""
        made = self.ready()
        made.resize_tensor_input(0, [2, 3])
        made.get_tensor(0)

    def resized_set(self):
        """set_tensor after a resize without allocate_tensors"""
        made = self.ready()
        made.resize_tensor_input(0, [2, 3])
        made.set_tensor(0, np.ones((2, 3), "f"))

    def resized_details(self):
        """get_input_details after a resize without allocate_tensors"""
        made = self.ready()
        made.resize_tensor_input(0, [2, 3])
        return made.get_input_details()[0]["shape"].tolist()

    def failed_and_mended(self):
        """allocate_tensors fails, another resize mends it"""
        made = self.ready()
        made.resize_tensor_input(0, [1, 2])
        try:
            made.allocate_tensors()
        except RuntimeError:
            made.resize_tensor_input(0, [1, 3])
            made.allocate_tensors()
            return self.result(made)

    # ---- Values ----

    def set_wrong_type(self):
        """set_tensor of float64 for float32"""
        self.ready().set_tensor(0, ROW.astype(np.float64))

    def set_list(self):
        """set_tensor of a list"""
        self.ready().set_tensor(0, [[1.0, 2.0, 3.0]])

    def set_wrong_rank(self):
        """set_tensor of another rank"""
        self.ready().set_tensor(0, ROW[0])

    def set_wrong_shape(self):
        """set_tensor of another shape"""
        self.ready().set_tensor(0, np.ones((1, 4), "f"))

    def set_none(self):
        """set_tensor of None"""
        self.ready().set_tensor(0, None)

    def set_text(self):
        """set_tensor of a str"""
        self.ready().set_tensor(0, "text")

    def set_strided(self):
        """set_tensor of an array that is not contiguous"""
        made = self.ready()
        made.set_tensor(0, np.arange(6, dtype="f")[::2].reshape(1, 3))
        return made.get_tensor(0).tolist()

    def set_big_endian(self):
        """set_tensor of bytes in the other order"""
        made = self.ready()
        made.set_tensor(0, ROW.astype(">f4"))
        return made.get_tensor(0).tolist()

    def set_output(self):
        """set_tensor of an output"""
        made = self.ready()
        made.set_tensor(2, ROW)
        return self.result(made)

    def set_constant(self):
        """set_tensor of a constant"""
        self.ready().set_tensor(1, ROW[0])

    def index_out(self):
        """set_tensor of no such tensor"""
        self.ready().set_tensor(99, ROW)

    def index_negative(self):
        """get_tensor of -1"""
        self.ready().get_tensor(-1)

    def index_huge(self):
        """get_tensor of 2**40"""
        self.ready().get_tensor(2 ** 40)

    def index_real(self):
        """get_tensor of 1.5"""
        self.ready().get_tensor(1.5)

    def index_view_out(self):
        """an array of tensor(99)"""
        self.ready().tensor(99)()

    def subgraph_out(self):
        """get_tensor of no such subgraph"""
        self.ready().get_tensor(0, 7)

    def resize_out(self):
        """resize_tensor_input of no such tensor"""
        self.ready().resize_tensor_input(99, [1, 3])

    def resize_not_input(self):
        """resize_tensor_input of an output, then allocate and run"""
        made = self.ready()
        made.resize_tensor_input(2, [4, 3])
        made.allocate_tensors()
        return self.result(made)

    def resize_negative(self):
        """resize_tensor_input to a negative size"""
        made = self.ready()
        made.resize_tensor_input(0, [-2, 3])
        made.allocate_tensors()

    def resize_nothing(self):
        """resize_tensor_input to no elements, then run"""
        made = self.ready()
        made.resize_tensor_input(0, [0, 3])
        made.allocate_tensors()
        made.invoke()
        return made.get_tensor(2).shape

    def resize_text(self):
        """resize_tensor_input to a str"""
        self.ready().resize_tensor_input(0, "ab")

    def resize_matrix(self):
        """resize_tensor_input to a matrix"""
        self.ready().resize_tensor_input(0, [[1, 3]])

    def resize_strict(self):
        """resize_tensor_input(strict=True) of a fixed size"""
        self.ready().resize_tensor_input(0, [1, 4], strict=True)

    def resize_impossible(self):
        """resize_tensor_input to a shape that operators refuse, then allocate"""
        made = self.ready()
        made.resize_tensor_input(0, [1, 4])
        made.allocate_tensors()

    def details_changed(self):
        """writing into the arrays of get_input_details"""
        made = self.ready()
        made.get_input_details()[0]["shape"][:] = 9
        return made.get_input_details()[0]["shape"].tolist()

    def copy_changed(self):
        """writing into what get_tensor gave"""
        made = self.ready()
        made.set_tensor(0, ROW)
        made.get_tensor(0)[:] = 9
        return made.get_tensor(0).tolist()

    # ---- Models ----

    def model_missing(self):
        """a path where nothing is"""
        self.package.Interpreter(model_path="no/such/file.tflite")

    def model_folder(self):
        """a path of a folder"""
        self.package.Interpreter(model_path="/")

    def model_zero_in_path(self):
        """a path with a zero byte"""
        self.package.Interpreter(model_path="a\0b")

    def model_none(self):
        """no model"""
        self.package.Interpreter()

    def model_both(self):
        """a path and content"""
        self.package.Interpreter(model_path="a", model_content=self.add)

    def model_text(self):
        """content that is a str"""
        self.package.Interpreter(model_content="text")

    def model_number(self):
        """content that is a number"""
        self.package.Interpreter(model_content=7)

    def model_noise(self):
        """content that is no model"""
        self.package.Interpreter(model_content=b"no model at all, only some bytes")

    def model_cut(self):
        """content cut off in the middle"""
        self.package.Interpreter(model_content=self.add[:len(self.add) // 2])

    def threads_none(self):
        """num_threads=0"""
        self.new(num_threads=0)

    def threads_negative(self):
        """num_threads=-1"""
        self.new(num_threads=-1)

    def threads_text(self):
        """num_threads="2\""""
        self.new(num_threads="2")

    def threads_many(self):
        """num_threads=64, run"""
        return self.result(self.ready(num_threads=64))

    def resolver_number(self):
        """experimental_op_resolver_type=1"""
        self.new(experimental_op_resolver_type=1)

    def delegates_number(self):
        """experimental_delegates=[5]"""
        self.new(experimental_delegates=[5])

    def delegate_missing(self):
        """load_delegate of no such library"""
        self.package.load_delegate("no_such_library.so")

    def delegate_none(self):
        """load_delegate of a library without a delegate"""
        self.package.load_delegate("libc.so.6")

    # ---- Signatures ----

    def signature_unknown(self):
        """get_signature_runner of an unknown key"""
        self.new().get_signature_runner("nobody")

    def signature_of_several(self):
        """get_signature_runner() of a model with two"""
        self.new(self.two).get_signature_runner()

    def runner_lacks(self):
        """a runner without an input"""
        self.new().get_signature_runner()()

    def runner_unknown(self):
        """a runner with an unknown input"""
        self.new().get_signature_runner()(nobody=ROW)

    def runner_wrong_type(self):
        """a runner with float64 for float32"""
        self.new().get_signature_runner()(x=ROW.astype(np.float64))

    def runner_wrong_shape(self):
        """a runner with a shape that operators refuse"""
        self.new().get_signature_runner()(x=np.ones((1, 4), "f"))

    def runner_outlives(self):
        """a runner whose interpreter nobody holds"""
        made = self.new()
        runner = made.get_signature_runner()
        del made
        return runner(x=ROW)["y"].tolist()

    def runner_then_plain(self):
        """a runner, then invoke of the interpreter"""
        made = self.ready()
        made.get_signature_runner()(x=np.ones((2, 3), "f"))
        made.invoke()
        return made.get_tensor(2).tolist()

    # ---- Views ----

    def view_invoke(self):
        """invoke while an array of tensor() is alive"""
        made = self.ready()
        view = made.tensor(0)()
        made.invoke()
        return view

    def view_allocate(self):
        """allocate_tensors while an array of tensor() is alive"""
        made = self.ready()
        view = made.tensor(0)()
        made.allocate_tensors()
        return view

    def view_resize(self):
        """resize_tensor_input while an array of tensor() is alive"""
        made = self.ready()
        view = made.tensor(0)()
        made.resize_tensor_input(0, [2, 3])
        return view

    def view_set(self):
        """set_tensor while an array of tensor() is alive: it shows the value"""
        made = self.ready()
        view = made.tensor(0)()
        made.set_tensor(0, ROW)
        return view.tolist()

    def view_slice(self):
        """invoke while a slice of an array of tensor() is alive"""
        made = self.ready()
        part = made.tensor(0)()[0]
        made.invoke()
        return part

    def view_deleted(self):
        """invoke after the array is deleted"""
        made = self.ready()
        view = made.tensor(0)()
        view[:] = ROW
        del view
        made.invoke()
        return made.get_tensor(2).tolist()

    def view_function(self):
        """invoke while the function tensor() is held"""
        made = self.ready()
        look = made.tensor(2)
        made.set_tensor(0, ROW)
        made.invoke()
        return look().tolist()

    def view_outlives(self):
        """an array of tensor() whose interpreter is deleted"""
        made = self.ready()
        made.set_tensor(0, ROW)
        view = made.tensor(0)()
        del made
        return view.tolist()

    def view_of_constant(self):
        """writing into an array of tensor() over a constant"""
        self.ready().tensor(1)()[:] = 4

    # ---- Threads and processes ----

    def threads_on_one(self):
        """two threads set, invoke and get on one interpreter"""
        made, wrong = self.ready(), []

        def work():
            for _ in range(300):
                try:
                    made.set_tensor(0, ROW)
                    made.invoke()
                    if made.get_tensor(2).tolist() != [[2, 3, 4]]:
                        wrong.append(1)
                except (ValueError, RuntimeError):
                    wrong.append(1)

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return "right" if not wrong else "errors or wrong results"

    def another_thread(self):
        """an interpreter of another thread"""
        made, results = self.ready(), []
        worker = threading.Thread(target=lambda: results.append(self.result(made)))
        worker.start()
        worker.join()
        return results[0]

    def in_child(self, threads):
        made = self.ready(num_threads=threads)
        made.resize_tensor_input(0, [50000, 3])
        made.allocate_tensors()
        made.invoke()
        child = os.fork()
        if child == 0:
            made.invoke()
            os._exit(0 if made.get_tensor(2)[-1].tolist() == [1, 1, 1] else 1)
        status = os.waitpid(child, 0)[1]
        made.invoke()
        return "right" if status == 0 else "status %d" % status

    def fork_one_thread(self):
        """invoke in the child of a fork, one thread"""
        return self.in_child(1)

    def fork_three_threads(self):
        """invoke in the child of a fork, three threads"""
        return self.in_child(3)

    def copied(self):
        """copy.copy of an interpreter, both run"""
        made = self.ready()
        twin = copy.copy(made)
        return self.result(made), self.result(twin)


def names():
    return [name for name, value in vars(Cases).items()
            if not name.startswith("_") and getattr(value, "__doc__", None)]


def answer(cases, name):
    try:
        return "gives %s" % (getattr(cases, name)(),)
    except Exception as error:  # pylint: disable=broad-except
        kinds = [kind.__name__ for kind in KINDS if isinstance(error, kind)]
        return "raises " + " and ".join(kinds or [type(error).__name__])


def run(cases, name):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        with contextlib.suppress(BaseException):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.write(writing, answer(cases, name).encode())
        os._exit(0)
    os.close(writing)
    timer = threading.Timer(SECONDS, lambda: os.killpg(child, signal.SIGALRM))
    timer.start()
    told = b""
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().split(b"\n")[0]
    status = os.waitpid(child, 0)[1]
    timer.cancel()
    if os.WIFSIGNALED(status):
        return "hangs" if os.WTERMSIG(status) == signal.SIGALRM else "dies"
    return told.decode()


def main():
    warnings.simplefilter("ignore")
    package = importlib.import_module(sys.argv[1] + ".interpreter")
    cases = Cases(package, *(pathlib.Path(path).read_bytes() for path in sys.argv[2:4]))
    for name in names():
        print("%s\t%s" % (name, run(cases, name)), flush=True)


if __name__ == "__main__":
    main()

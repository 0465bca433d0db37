# SPDX-License-Identifier: Apache-2.0
"""The Go binding mattn/go-tflite, with its own tests and examples, and called as BirdNET-Go calls
its fork of it."""
import pathlib
import re
import shutil

from comparison import C_HEADERS, HERE, INCLUDE, compare, last_line, record, run

MATTN, MATTN_VERSION = "github.com/mattn/go-tflite", "v1.0.7"

# Examples inside the module, what they are told, and how far floats may be apart.
EXAMPLES = {"sin": ("", 1e-5), "fizzbuzz": ("", 0), "iris": ("", 1e-5),
            "text_classification": ("this was a wonderful play\nnothing but noise\n", 1e-4)}


def flags(build):
    return {"CGO_CFLAGS": f"-I{INCLUDE}", "CGO_LDFLAGS": f"-L{build}", "GOFLAGS": "-mod=mod"}


def stand_ins(home, build):
    """Two libraries that the binding wants for XNNPACK, whose functions are in the C library."""
    place = home / "lib"
    place.mkdir(exist_ok=True)
    link = place / "libtensorflowlite-delegate_xnnpack.so"
    if not link.is_symlink():
        link.symlink_to(build / "libtensorflowlite_c.so")
    (place / "libXNNPACK.a").write_bytes(b"!<arch>\n")
    return place


def begin(home, module, version, build):
    """A module of ours that needs another; False when that cannot be had."""
    home.mkdir(exist_ok=True)
    if not (home / "go.mod").exists():
        run(["go", "mod", "init", "client"], home)
    return run(["go", "get", f"{module}@{version}"], home, **flags(build)).returncode == 0


def client(name, source, home, build, original, arguments):
    place = home / source.partition(".")[0]
    place.mkdir(exist_ok=True)
    shutil.copy(HERE / source, place / "main.go")
    program = home / (place.name + ".program")
    wanted = flags(build)
    wanted["CGO_LDFLAGS"] += f" -L{stand_ins(home, build)}"
    built = run(["go", "build", "-o", program, "./" + place.name], home, **wanted)
    if built.returncode != 0:
        record(name, "FAILED", last_line(built.stderr))
        return
    compare(name, lambda where: run([program, *arguments], home, LD_LIBRARY_PATH=where), build,
            original, 1e-6)


def every_header(folder, build):
    """cgo parses them, and sees the layout that compiled programs know."""
    home = folder / "cgo"
    home.mkdir(exist_ok=True)
    (home / "go.mod").write_text("module parsed\n")
    includes = "".join(f'#include "{name}"\n' for name in C_HEADERS)
    (home / "main.go").write_text(
        f'package main\n\n/*\n#cgo CFLAGS: -I{INCLUDE}\n#cgo LDFLAGS: -L{build} '
        f'-ltensorflowlite_c\n{includes}*/\nimport "C"\n\nfunc main() {{\n'
        '\tprintln(C.sizeof_TfLiteTensor, C.sizeof_TfLiteNode, C.sizeof_TfLiteRegistration, '
        'C.sizeof_TfLiteDelegate, C.GoString(C.TfLiteTypeGetName(C.kTfLiteInt8)))\n}\n')
    done = run(["go", "run", "."], home, LD_LIBRARY_PATH=build)
    wide = last_line(done.stderr) == "112 80 88 56 INT8"
    record("cgo, every header", "ran" if done.returncode == 0 and wide else "FAILED",
           last_line(done.stderr))


def example(name, home, module_folder, build, original):
    source = pathlib.Path(module_folder) / "_example" / name
    place = home / ("example_" + name)
    if not (source / "main.go").exists() or not list(source.glob("*.tflite")):
        record(f"go-tflite, {name}", "skipped", "the module is without it, or without its model")
        return
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place)
    run(["chmod", "-R", "u+w", place], home)
    built = run(["go", "build", "-o", "program", "."], place, **flags(build))
    if built.returncode != 0:
        record(f"go-tflite, {name}", "FAILED", last_line(built.stderr))
        return
    told, bound = EXAMPLES[name]

    def make(where):
        """What it prints and what it logs, without the time."""
        done = run([place / "program"], place, given=told, LD_LIBRARY_PATH=where)
        done.stdout += re.sub(r"^[0-9/]+ [0-9:]+ ", "", done.stderr, flags=re.M)
        return done

    compare(f"go-tflite, {name}", make, build, original, bound)


def all_rows(build, folder, original, model):
    rows = ["mattn/go-tflite", "mattn/go-tflite, its tests", "BirdNET-Go's calls"]
    rows += ["go-tflite, " + name for name in EXAMPLES]
    if shutil.which("go") is None:
        record("cgo, every header", "skipped", "no go here")
    else:
        every_header(folder, build)
    home = folder / "go"
    reason = "no go here" if shutil.which("go") is None else "cannot be had"
    if shutil.which("go") is None or not begin(home, MATTN, MATTN_VERSION, build):
        for name in rows:
            record(name, "skipped", reason)
        return
    client(rows[0], "client.go", home, build, original, [model])
    tested = run(["go", "test", "-count=1", MATTN], home, LD_LIBRARY_PATH=build, **flags(build))
    record(rows[1], "ran" if tested.returncode == 0 else "FAILED", last_line(tested.stdout))
    client(rows[2], "birds.go", home, build, original, [model])
    found = run(["go", "list", "-m", "-f", "{{.Dir}}", MATTN], home, **flags(build))
    for name in EXAMPLES:
        example(name, home, found.stdout.strip(), build, original)

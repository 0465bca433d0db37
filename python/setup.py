# SPDX-License-Identifier: Apache-2.0
"""Builds the package: compiles the C library with the system's compiler (CC, CFLAGS and LDFLAGS are
honoured) and puts it beside the Python files. Nothing of it depends on the version of Python.

The C sources lie in the folder above, or in native/ of a source distribution. CMakeLists.txt is the
description of the build that counts; tests/python compares the tables below with it.
"""
import atexit
import os
import pathlib
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist
from setuptools.errors import CompileError

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # older than setuptools 70.1
    from wheel.bdist_wheel import bdist_wheel

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import dependencies  # noqa: E402

LAYERS = ["base", "flatbuf", "schema", "model", "op", "plan", "run", "api", "kernel", "kernel/ref",
          "network", "quantize", "convert", "train", "tools"]
# Sources that belong to a feature, and those that stand in for it.
NEEDING = {"KERAS": re.compile(r"/convert/(keras|hdf5|zip|json)_[a-z_]*\.c$|/train/train[a-z_]*\.c$"),
           "TENSORFLOW": re.compile(r"/convert/(tensorflow|bundle)_[a-z_]*\.c$")}
WITHOUT = {"KERAS": re.compile(r"/train/no_training\.c$")}
FLAGS = ["-std=c11", "-O2", "-DNDEBUG", "-D_FILE_OFFSET_BITS=64", "-fPIC", "-fvisibility=hidden",
         "-ffp-contract=off"]
AVX2 = ["-mavx2", "-mfma", "-mf16c", "-mbmi2"]
AVX512 = AVX2 + ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"]
TIERS = {
    "x86": {"avx2": AVX2, "avxvnni": AVX2 + ["-mavxvnni"], "avx512": AVX512,
            "avx512vnni": AVX512 + ["-mavx512vnni"]},
    "arm64": {"neon": [], "dotprod": ["-march=armv8.2-a+dotprod"],
              "i8mm": ["-march=armv8.2-a+dotprod+i8mm"]},
    "arm": {"neon": ["-march=armv7-a", "-mfpu=neon-vfpv4", "-mfloat-abi=hard"]},
}
VECTORISED = re.compile(
    r"(train_[a-z_]*|binary_rows|unary_rows|requantize|elementwise|convert_elements|pointwise_[a-z0-9_]*|descend_[a-z0-9]*)\.c$")
VECTORISED_FLAGS = ["-O3", "-fno-math-errno", "-fno-trapping-math"]
CARRIED = ["src", "include", "cli", "compat/tflite", "models/fashion_mnist_int8.tflite",
           "models/fashion_mnist_labels.txt", "models/pictures", "LICENSE"]


def find_sources() -> pathlib.Path:
    for folder in (HERE / "native", HERE.parent):
        if (folder / "include" / "midge.h").exists():
            return folder
    sys.exit("midge: the C sources are missing; run pip (21.3 or newer) on the folder python/ of "
             "the repository, or on the source distribution")


SOURCES = find_sources()


def version() -> str:
    text = (SOURCES / "src" / "api" / "midge_model.c").read_text()
    return re.search(r'MIDGE_VERSION "([^"]+)"', text).group(1)


def processor(compiler: list) -> tuple:
    """The family of the machine the compiler builds for, and the flags that all its files need, as
    CMakeLists.txt gives them."""
    done = subprocess.run(compiler + ["-dumpmachine"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    name = done.stdout.decode().strip().lower() or platform.machine().lower()
    if re.match(r"x86_64|amd64", name):
        return "x86", []
    if re.match(r"aarch64|arm64", name):
        return "arm64", []
    if re.match(r"i[3-6]86|x86", name):
        return "", ["-msse2", "-mfpmath=sse"]
    if name.startswith("arm"):
        done = subprocess.run(compiler + ["-dM", "-E", "-x", "c", os.devnull],
                              stdout=subprocess.PIPE, check=False)
        version = re.search(r"__ARM_ARCH (\d+)", done.stdout.decode())
        if not version or int(version.group(1)) >= 7:
            return "arm", []
    return "", ["-DMG_PLAIN_KERNELS=1"]


def belongs(path: str, features: list) -> bool:
    """Whether a source is a part of a library with these features."""
    return not any(pattern.search(path) for feature, pattern in NEEDING.items()
                   if feature not in features) and not any(
        pattern.search(path) for feature, pattern in WITHOUT.items() if feature in features)


def library_files(family: str, features: list) -> list:
    """Sources of the library with the flags of each."""
    found = []
    for layer in LAYERS:
        for path in sorted((SOURCES / "src" / layer).glob("*.c")):
            if belongs(path.as_posix(), features):
                found.append((path, VECTORISED_FLAGS if VECTORISED.search(path.name) else []))
    folder = "arm" if family.startswith("arm") else family
    rows = (SOURCES / "src" / "kernel" / "kernels.def").read_text()
    only_64 = re.findall(r"^MG_KERNEL_ARM64\((\w+), (\w+)", rows, re.M) if family == "arm" else []
    for path in sorted((SOURCES / "src" / "kernel" / folder).glob("*.c")) if folder else []:
        if tuple(path.stem.rsplit("_", 1)) in only_64:
            continue
        tier = TIERS[family].get(path.stem.rsplit("_", 1)[-1], [])
        found.append((path, tier + (VECTORISED_FLAGS if VECTORISED.search(path.name) else [])))
    return found


def embedded_source() -> str:
    """The built-in model, its labels and pictures as C; cli/embedded.h says how."""
    models = SOURCES / "models"
    names = ["fashion_mnist_int8.tflite", "fashion_mnist_labels.txt"]
    names += sorted("pictures/" + path.name for path in (models / "pictures").glob("*.png"))
    arrays, rows = [], []
    for i, name in enumerate(names):
        content = (models / name).read_bytes()
        arrays.append("static const _Alignas(16) unsigned char file_%d[] = {%s, 0};" %
                      (i, ",".join(map(str, content))))
        rows.append('    {"%s", file_%d, %d},' % (name, i, len(content)))
    return "\n".join(['#include "embedded.h"', *arrays, "const embedded_file embedded_files[] = {",
                      *rows, "};", "const size_t embedded_file_count = sizeof embedded_files / "
                      "sizeof embedded_files[0];", ""])


class Build:
    """Runs the compiler."""

    def __init__(self, folder: pathlib.Path):
        self.compiler = shlex.split(os.environ.get("CC", "cc"))
        self.family, own_flags = processor(self.compiler)
        self.flags = FLAGS + own_flags + shlex.split(os.environ.get("CFLAGS", ""))
        self.link_flags = shlex.split(os.environ.get("LDFLAGS", ""))
        self.folder = folder

    def run(self, arguments: list) -> None:
        done = subprocess.run(self.compiler + arguments, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise CompileError("%s failed:\n%s" % (shlex.join(self.compiler + arguments),
                                                   done.stderr.decode(errors="replace")))

    def compile(self, files: list, includes: list, libraries: dependencies.Libraries) -> list:
        """Object files of (source, flags), several at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        options = self.flags + ["-I" + str(SOURCES / folder) for folder in includes]
        options += ["-DMIDGE_HAVE_%s=1" % feature for feature in libraries.features]
        options += libraries.compile_flags

        def one(number: int) -> str:
            path, flags = files[number]
            target = str(self.folder / ("%s_%d.o" % (path.stem, number)))
            self.run(options + flags + ["-c", str(path), "-o", target])
            return target

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(one, range(len(files))))

    def link(self, objects: list, target: pathlib.Path, more: list) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self.run(objects + ["-o", str(target), "-Wl,-s", "-Wl,--gc-sections", "-Wl,-z,relro,-z,now"]
                 + self.link_flags + more + ["-lm", "-pthread"])


class BuildNative(build_ext):
    """Compiles the library and the command into the package."""

    shared = False  # whether the package needs libraries of this system

    def run(self) -> None:
        package = HERE / "midge" if self.inplace else pathlib.Path(self.build_lib) / "midge"
        build = Build(pathlib.Path(self.build_temp).resolve() / "library")
        libraries = dependencies.for_library()
        if "KERAS" not in libraries.features:
            self.warn("the package converts and trains no Keras models: libhdf5, libzip and "
                      "jansson are not at hand (Debian: libhdf5-dev, libzip-dev, libjansson-dev)")
        files = library_files(build.family, libraries.features)
        if "TENSORFLOW" in libraries.features:
            files.append((self.make_messages(build.folder), ["-w"]))
            libraries.compile_flags.append("-I" + str(build.folder))
        objects = build.compile(files, ["include", "src"], libraries)
        library = package / "libmidge-tools.so"
        build.link(objects, library, ["-shared", "-Wl,-soname,libmidge-tools.so",
                                      "-Wl,--version-script=" +
                                      str(SOURCES / "src" / "api" / "midge.map"),
                                      *libraries.link_flags])
        self.shared = libraries.shared
        self.build_delegates(package, library)
        self.build_command(package, library)
        for name in ("models/fashion_mnist_int8.tflite", "models/fashion_mnist_labels.txt",
                     "LICENSE"):
            shutil.copyfile(str(SOURCES / name), str(package / pathlib.Path(name).name))
        for path in dependencies.licenses():
            (package / "licenses").mkdir(exist_ok=True)
            shutil.copyfile(str(path), str(package / "licenses" / path.name))

    def build_delegates(self, package: pathlib.Path, library: pathlib.Path) -> None:
        """TensorFlow Lite's C interface over the library, for delegates, which look for it by the
        name of that interface's own library."""
        build = Build(pathlib.Path(self.build_temp).resolve() / "delegates")
        place = SOURCES / "compat" / "tflite"
        files = [(path, []) for path in sorted(place.glob("*.c"))]
        objects = build.compile(files, ["include", "compat/tflite/include"],
                                dependencies.Libraries([], [], [], False))
        names = [name for part in ("exports.txt", "delegates_exports.txt")
                 for name in (place / part).read_text().split()]
        script = build.folder / "delegates.map"
        script.write_text("VERS_1.0 {\n  global: %s;\n  local: *;\n};\n" % "; ".join(names))
        build.link(objects, package / "libmidge-delegates.so",
                   [str(library), "-shared", "-Wl,-soname,libtensorflowlite_c.so",
                    "-Wl,-rpath,$ORIGIN", "-Wl,--version-script=" + str(script), "-ldl"])

    def build_command(self, package: pathlib.Path, library: pathlib.Path) -> None:
        """The command, which finds the library beside itself. Without libjpeg and libpng it reads
        BMP and PNM only."""
        build = Build(pathlib.Path(self.build_temp).resolve() / "command")
        build.folder.mkdir(parents=True, exist_ok=True)
        embedded = build.folder / "embedded_files.c"
        embedded.write_text(embedded_source())
        files = [(path, []) for path in sorted((SOURCES / "cli").glob("*.c"))] + [(embedded, [])]
        libraries = dependencies.for_command()
        try:
            objects = build.compile(files, ["include", "cli"], libraries)
            build.link(objects, package / "midge-command",
                       [str(library), "-Wl,-rpath,$ORIGIN", "-pie", *libraries.link_flags])
            self.shared = self.shared or libraries.shared
        except CompileError as error:
            self.warn("the package goes without the midge command: %s" % error)

    @staticmethod
    def make_messages(folder: pathlib.Path) -> pathlib.Path:
        """The reader of SavedModels' messages, which protoc-c writes."""
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["protoc-c", "--c_out=" + str(folder),
                        "--proto_path=" + str(SOURCES / "src" / "convert"), "tensorflow.proto"],
                       check=True)
        return folder / "tensorflow.pb-c.c"

    def get_outputs(self) -> list:
        package = pathlib.Path(self.build_lib) / "midge"
        return [str(path) for path in package.rglob("*") if path.is_file() and path.suffix != ".py"]

    def get_output_mapping(self) -> dict:
        return {}

    def get_source_files(self) -> list:
        return []


class SourceDistribution(sdist):
    """Carries the C sources."""

    def make_release_tree(self, base_dir: str, files: list) -> None:
        super().make_release_tree(base_dir, files)
        native = pathlib.Path(base_dir) / "native"
        for name in CARRIED:
            origin, target = SOURCES / name, native / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(str(origin), str(target),
                                ignore=shutil.ignore_patterns("__pycache__", "*.o"))
            else:
                shutil.copyfile(str(origin), str(target))


def platform_tag(files: list) -> str:
    """manylinux_2_N for glibc, where N is the newest version that the files need; else the
    platform's own name."""
    own = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if not own.startswith("linux_") or platform.libc_ver()[0] != "glibc":
        return own
    machine = own[len("linux_"):]
    if machine not in ("x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64"):
        return own
    minors = [int(minor) for path in files
              for minor in re.findall(rb"GLIBC_2\.(\d+)", pathlib.Path(path).read_bytes())]
    oldest = 5 if machine in ("x86_64", "i686") else 17
    return "manylinux_2_%d_%s" % (max(minors + [oldest]), machine)


class Wheel(bdist_wheel):
    """A wheel for every CPython of one architecture."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self) -> tuple:
        if self.plat_name_supplied:
            return "py3", "none", self.plat_name.replace("-", "_").replace(".", "_")
        build = self.get_finalized_command("build_ext")
        if build.shared:  # it needs libraries of this system
            return "py3", "none", sysconfig.get_platform().replace("-", "_").replace(".", "_")
        return "py3", "none", platform_tag([path for path in build.get_outputs()
                                            if path.endswith((".so", "midge-command"))])


# Away from the tree, where what an earlier build left could get into a wheel.
BUILD_FOLDER = tempfile.mkdtemp(prefix="midge-build-")
atexit.register(shutil.rmtree, BUILD_FOLDER, True)

setup(
    options={"build": {"build_base": BUILD_FOLDER}},
    version=version(),
    ext_modules=[Extension("midge._native", [])],
    cmdclass={"build_ext": BuildNative, "bdist_wheel": Wheel, "sdist": SourceDistribution},
)

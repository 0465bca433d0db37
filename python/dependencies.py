# SPDX-License-Identifier: Apache-2.0
"""The libraries that the package uses where they are at hand: those that read and write Keras
models and SavedModels, and those that the command reads pictures and archives with.

MIDGE_DEPENDENCIES names a folder of static libraries (include/, lib/ and what licenses/ says about
them), which go into the package (packaging/make_wheel makes such a folder); "none" leaves everything out. Otherwise pkg-config is
asked, and the package needs the system's libraries wherever it is installed.
"""
import os
import pathlib
import shlex
import shutil
import subprocess
from typing import List, NamedTuple

# Feature -> (packages of pkg-config, static libraries in the order of linking).
KERAS = (["hdf5", "libzip", "jansson"], ["hdf5", "zip", "jansson", "z"])
TENSORFLOW = (["libprotobuf-c"], ["protobuf-c"])
COMMAND = {"JPEG": (["libjpeg"], ["jpeg"]), "PNG": (["libpng"], ["png16", "z"]),
           "ZLIB": (["zlib"], ["z"]), "ZIP": (["libzip"], ["zip", "z"])}


class Libraries(NamedTuple):
    """What a part of the package is compiled and linked with."""
    features: List[str]
    compile_flags: List[str]
    link_flags: List[str]
    shared: bool


def _ask(*arguments: str) -> List[str]:
    """What pkg-config says; [] when there is none."""
    tool = os.environ.get("PKG_CONFIG", "pkg-config")
    if shutil.which(tool) is None:
        return []
    done = subprocess.run([tool, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    return shlex.split(done.stdout.decode()) if done.returncode == 0 else []


def _system(names: List[str]) -> tuple:
    """Flags of the system's libraries."""
    return _ask("--cflags", *names), _ask("--libs", *names)


def _static(folder: pathlib.Path, names: List[str]) -> tuple:
    """Flags of libraries in a folder; nothing when one is missing."""
    paths = [folder / "lib" / ("lib%s.a" % name) for name in names]
    if not all(path.exists() for path in paths):
        return [], []
    return ["-I" + str(folder / "include")], [str(path) for path in paths]


def _find(wanted: dict) -> Libraries:
    chosen = os.environ.get("MIDGE_DEPENDENCIES", "")
    features, compiled, linked = [], [], []
    for feature, (packages, archives) in wanted.items():
        if chosen == "none":
            continue
        flags, libraries = (_static(pathlib.Path(chosen).resolve(), archives) if chosen
                            else _system(packages))
        if libraries:
            features.append(feature)
            compiled += [flag for flag in flags if flag not in compiled]
            linked += libraries
    return Libraries(features, compiled, linked, bool(linked) and not chosen)


def for_library() -> Libraries:
    """KERAS, and TENSORFLOW where protoc-c is at hand as well."""
    wanted = {"KERAS": KERAS}
    if shutil.which("protoc-c"):
        wanted["TENSORFLOW"] = TENSORFLOW
    return _find(wanted)


def for_command() -> Libraries:
    """JPEG, PNG, ZLIB, ZIP."""
    return _find(COMMAND)


def licenses() -> List[pathlib.Path]:
    """What must be told about the libraries that go into the package."""
    chosen = os.environ.get("MIDGE_DEPENDENCIES", "")
    return sorted(pathlib.Path(chosen).glob("licenses/*")) if chosen not in ("", "none") else []

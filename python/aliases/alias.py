# SPDX-License-Identifier: Apache-2.0
"""Setup of the alias packages: distributions of their own name that answer to another package's
import name. One is never put over the original, whose files it would overwrite.
"""
import pathlib
import re
import site
import sys
import sysconfig

from setuptools import setup

ROOT = pathlib.Path(__file__).resolve().parent.parent


def installed(distributions: list) -> list:
    """Which of these distributions are installed where the package is going to be. Their folders
    are looked at, since a build is kept apart from the modules of its environment."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    if sys.prefix == sys.base_prefix:
        folders.add(site.getusersitepackages())
    names = {re.sub(r"[-_.]+", "_", name).lower() for name in distributions}
    found = []
    for folder in map(pathlib.Path, filter(None, folders)):
        for entry in sorted(folder.glob("*.dist-info")) + sorted(folder.glob("*.egg-info")):
            name = re.sub(r"[-_.]+", "_", entry.stem.split("-")[0]).lower()
            if name in names and entry.stem not in found:
                found.append(entry.stem)
    return found


def setup_alias(name: str, packages: list, originals: list) -> None:
    """Sets up the distribution midge-<name>; ends with a message when an original is installed."""
    present = installed(originals)
    if present:
        sys.exit("\nmidge: %s is installed here, and this package has the same import name. "
                 "Uninstall it first (pip uninstall %s), or use another virtual environment. "
                 "Nothing was changed.\n" %
                 (" and ".join(present), " ".join(entry.split("-")[0] for entry in present)))
    midge = "midge" if installed(["midge"]) else "midge @ " + ROOT.as_uri()
    version = re.search(r'MIDGE_VERSION "([^"]+)"',
                        (ROOT.parent / "src" / "api" / "midge_model.c").read_text()).group(1)
    setup(name="midge-" + name, version=version, packages=packages, install_requires=[midge],
          package_data={package: ["py.typed"] for package in packages},
          python_requires=">=3.8", license="Apache-2.0", url="",
          description="The import name %s for midge" % packages[0])

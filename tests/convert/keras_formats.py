# SPDX-License-Identifier: Apache-2.0
"""The ways in which a Keras model lies on a disk, as columns of check_convert: each function saves a
model below a folder and gives the path to convert."""
import os
import shutil
import subprocess
import zipfile


def archive(model, folder, _):
    path = os.path.join(folder, "model.keras")
    model.save(path)
    return path


def unpacked(model, folder, _):
    """The folder of an archive, as model.save(..., zipped=False) makes it."""
    path = os.path.join(folder, "model_folder")
    shutil.rmtree(path, ignore_errors=True)
    with zipfile.ZipFile(archive(model, folder, _)) as packed:
        packed.extractall(path)
    return path


def legacy(model, folder, _):
    path = os.path.join(folder, "model.h5")
    model.save(path)
    return path


def copied(model, folder, build, ending):
    """Read and written again by midge."""
    path = os.path.join(folder, f"copy.{ending}")
    subprocess.run([os.path.join(build, "tests", "copy_keras"), archive(model, folder, build), path],
                   check=True, capture_output=True)
    return path


def copied_archive(model, folder, build):
    return copied(model, folder, build, "keras")


def copied_legacy(model, folder, build):
    return copied(model, folder, build, "h5")


FORMATS = {".keras": archive, "folder": unpacked, ".h5": legacy}
# Written by midge: converted as the others, and loaded by Keras.
COPIES = {"midge .keras": copied_archive, "midge .h5": copied_legacy}

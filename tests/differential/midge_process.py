# SPDX-License-Identifier: Apache-2.0
"""Runs models through the command line of midge."""
import json
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np

TIME_LIMIT = 300


class Failure(Exception):
    """midge did not run the model. `crashed`: it ended otherwise than with status 1."""

    def __init__(self, text, crashed=False):
        super().__init__(text)
        self.crashed = crashed


class Midge:
    def __init__(self, command):
        self.command = [str(part) for part in command]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="midge-differential-"))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def tiers(self):
        """Kernel tiers above the reference one that this machine can run, lowest first."""
        done = subprocess.run([*self.command, "kernels", "--json"], capture_output=True, text=True)
        if done.returncode:
            return []
        found = []
        for row in json.loads(done.stdout):
            if row.get("available") and row["tier"] not in ("ref", *found):
                found.append(row["tier"])
        return found

    def stage(self, model, inputs):
        """Writes model and inputs; what is returned goes into run."""
        path = model
        if not isinstance(model, (str, pathlib.Path)):
            path = self.folder / "model.tflite"
            path.write_bytes(model)
        arguments = [str(path)]
        for number, values in enumerate(inputs):
            file = self.folder / f"input{number}.npy"
            np.save(file, values, allow_pickle=False)
            arguments += ["--input", str(file)]
        return arguments

    def run(self, staged, kernels="ref", threads=1, runs=1):
        """The outputs in the model's order."""
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        command = [*self.command, "run", *staged, "--output-dir", str(out), "--kernels", kernels,
                   "--threads", str(threads), "--repeat", str(runs)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            raise Failure(f"no result within {TIME_LIMIT} s", True) from None
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["(no message)"]
            raise Failure(f"status {done.returncode}: {lines[0][:300]}", done.returncode != 1)
        outputs = []
        while (out / f"{len(outputs)}.npy").exists():
            outputs.append(np.load(out / f"{len(outputs)}.npy", allow_pickle=False))
        return outputs

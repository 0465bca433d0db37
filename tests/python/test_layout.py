# SPDX-License-Identifier: Apache-2.0
"""The structures of midge._library have the layout that the C compiler gives those of the headers,
and the build tables of setup.py say what CMakeLists.txt says."""
import ctypes
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

import models
from midge import _conversion_library, _library, _training_library

STRUCTURES = {
    "midge_error": _library.Error, "midge_model_options": _library.ModelOptions,
    "midge_limits": _library.Limits, "midge_session_options": _library.SessionOptions,
    "midge_quantization": _library.Quantization, "midge_node_info": _library.NodeInfo,
    "midge_graph_info": _library.GraphInfo, "midge_tensor_info": _library.TensorInfo,
    "midge_sparse_level": _library.SparseLevel, "midge_kernel_info": _library.KernelInfo,
    "midge_tensor_metadata": _library.TensorMetadata,
    "midge_associated_file": _library.AssociatedFile,
    "midge_optimize_options": _conversion_library.OptimizeOptions,
    "midge_convert_options": _conversion_library.ConvertOptions,
    "midge_trainer_options": _training_library.TrainerOptions,
    "midge_compile_options": _training_library.CompileOptions,
    "midge_trainer_info": _training_library.TrainerInfo,
    "midge_trainer_layer": _training_library.TrainerLayer,
    "midge_trainer_weight": _training_library.TrainerWeight,
    "midge_train_data": _training_library.TrainData,
    "midge_augmentation": _training_library.Augmentation,
    "midge_fit_progress": _training_library.FitProgress,
    "midge_fit_options": _training_library.FitOptions,
}


class Layout(unittest.TestCase):
    def test_structures(self):
        compiler = shlex.split(os.environ.get("CC", "cc"))
        if shutil.which(compiler[0]) is None:
            self.skipTest("there is no C compiler")
        lines = []
        for name, structure in STRUCTURES.items():
            fields = [field[0] for field in structure._fields_]
            lines.append('printf("%%zu", sizeof(%s));' % name)
            lines += ['printf(" %%zu", offsetof(%s, %s));' % (name, field) for field in fields]
            lines.append('printf("\\n");')
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "layout.c")
            source.write_text('#include <stdio.h>\n#include "midge_tools.h"\nint main(void)\n{\n%s'
                              "\nreturn 0;\n}\n" % "\n".join(lines))
            program = str(pathlib.Path(folder, "layout"))
            subprocess.run([*compiler, "-I", str(models.ROOT / "include"), str(source), "-o",
                            program], check=True)
            told = subprocess.run([program], check=True, stdout=subprocess.PIPE).stdout.decode()
        for (name, structure), line in zip(STRUCTURES.items(), told.splitlines()):
            with self.subTest(name):
                expected = [ctypes.sizeof(structure)]
                expected += [getattr(structure, field[0]).offset for field in structure._fields_]
                self.assertEqual([int(number) for number in line.split()], expected)

    def test_functions_are_those_of_the_headers(self):
        headers = "".join((models.ROOT / "include" / name).read_text()
                          for name in ("midge.h", "midge_metadata.h", "midge_tools.h"))
        headers = re.sub(r"/\*.*?\*/", "", headers, flags=re.S)
        declared = {}
        for name, arguments in re.findall(r"\b(midge_\w+)\(([^;]*)\)\s*[;_]", headers):
            declared[name] = 0 if arguments.strip() == "void" else arguments.count(",") + 1
        for table in (_library._SLOW, _library._QUICK, _conversion_library.SLOW,
                      _conversion_library.QUICK, _training_library.SLOW,
                      _training_library.QUICK):
            for name, (_, *arguments) in table.items():
                self.assertEqual(declared.get(name), len(arguments), name)

    def test_flags_are_those_of_the_build(self):
        cmake = (models.ROOT / "CMakeLists.txt").read_text()
        script = (models.ROOT / "python" / "setup.py").read_text()
        names = {}
        exec(script[script.index("NEEDING ="):script.index("CARRIED =")], {"re": re}, names)
        tables = {**names["TIERS"]["x86"], **names["TIERS"]["arm64"]}
        seen = {}
        for tier, flags in re.findall(r"set\(tier_flags_(\w+) ?([^)]*)\)", cmake):
            words = []
            for word in flags.split():
                inner = re.match(r"\$\{tier_flags_(\w+)\}", word)
                words += seen[inner.group(1)] if inner else [word]
            if "-march=armv7-a" in words:
                self.assertEqual(names["TIERS"]["arm"][tier], words)
            else:
                seen[tier] = words
        self.assertEqual(seen, tables)
        patterns = [pattern.strip("()") for pattern in
                    re.findall(r'INCLUDE REGEX\s+"(?:/src/train)?/(.*?)\\\\.c\$"\)', cmake)]
        self.assertEqual(names["VECTORISED"].pattern,
                         "(%s|%s)" % (patterns[1], patterns[0]) + r"\.c$")
        left_out = re.findall(r'EXCLUDE REGEX "/(src/[a-z0-9_()|/]*\[a-z_\]\*)\\\\.c\$"', cmake)
        self.assertEqual({part for pattern in names["NEEDING"].values()
                          for part in re.findall(r"/([^$]*?)\\\.c\$", pattern.pattern)},
                         {pattern.replace("src/", "") for pattern in left_out})


if __name__ == "__main__":
    unittest.main()

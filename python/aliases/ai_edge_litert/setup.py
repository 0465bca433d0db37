# SPDX-License-Identifier: Apache-2.0
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from alias import setup_alias  # noqa: E402

setup_alias("ai-edge-litert", ["ai_edge_litert"], ["ai-edge-litert", "ai-edge-litert-nightly"])

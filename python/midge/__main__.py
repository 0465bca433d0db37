# SPDX-License-Identifier: Apache-2.0
"""`python -m midge`: the command midge that comes with the package."""
from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Becomes the command."""
    command = os.environ.get("MIDGE_COMMAND") or os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "midge-command")
    if not os.access(command, os.X_OK):
        sys.exit("midge: this installation has no command; set MIDGE_COMMAND to the path of midge")
    os.execv(command, ["midge"] + sys.argv[1:])


if __name__ == "__main__":
    main()

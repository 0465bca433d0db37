# SPDX-License-Identifier: Apache-2.0
"""The import name ai_edge_litert for midge."""

# The version of ai_edge_litert whose interface this is.
__version__ = "2.3.0"

"""Python imports this when it starts: an editable installation leads to its own sources, whatever the path says."""

import sys

sys.meta_path[:] = [f for f in sys.meta_path if not type(f).__name__.startswith("ScikitBuild")]

"""What the conformance suites have in common: their arguments, and what they do where the data is absent."""
import argparse
import os
import pathlib
import sys


def arguments(*paths):
    """`tally`, the named paths, and `--json FILE`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tally")
    for path in paths:
        parser.add_argument(path, type=pathlib.Path)
    parser.add_argument("--json")
    return parser.parse_args()


def skip_unless(there, suite, path):
    """Ends the suite where its data is not there: well, or with CI set as a failure."""
    if there:
        return
    if os.environ.get("CI"):
        sys.exit(f"FAILED: {suite}: {path} is not there, and CI is set")
    print(f"SKIPPED: {suite} ({path} is not there)")
    sys.exit(0)

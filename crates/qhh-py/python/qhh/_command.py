"""The program `qhh`, as the package installs it."""

import signal
import sys

from ._qhh import command


def main() -> None:
    """Does what the command line says."""
    # The program has its own way to end, which keeps states for resuming.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(command(["qhh", *sys.argv[1:]]))

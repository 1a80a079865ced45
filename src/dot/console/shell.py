"""The shell that dot was started from, whose terminal takes colour as the settings say."""

import os

from dot.console.terminal import use_color
from dot.system.shell import Shell
from dot.system.store import read_current_folder


def read_shell() -> Shell:
    """That of this process. Raises `StorageError` if the current folder is gone, or has a name that is no text."""
    return Shell(read_current_folder(), dict(os.environ), use_color)

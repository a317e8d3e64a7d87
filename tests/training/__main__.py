"""Learn everything again, each part in a process of its own, since each builds on the files of those before: ``python -m tests.training``."""

import subprocess
import sys

PARTS = ("entities", "attendance", "opinion", "trust")

if __name__ == "__main__":
    for part in PARTS:
        subprocess.run([sys.executable, "-m", f"tests.training.{part}"], check=True)

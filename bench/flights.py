#!/usr/bin/env python3
"""The whole flights run from an empty lake, a run with nothing to do, and the program's own start.

usage: bench/flights.py LEAT DATA_FOLDER WORK_FOLDER
"""
import os
import shutil
import subprocess
import sys

import measure

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(HERE, "..", "examples", "flights")


def main():
    leat, data, work = (os.path.abspath(path) for path in sys.argv[1:4])
    figures = measure.Figures("The flights project")
    folder = os.path.join(work, "flights")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name in ("leat.yml", "connections.yml", "sources", "models"):
        source = os.path.join(EXAMPLE, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, os.path.join(folder, name))
    subprocess.run([sys.executable, os.path.join(EXAMPLE, "prepare.py"), data, folder], check=True)
    whole = []
    for _ in range(3):
        shutil.rmtree(os.path.join(folder, ".leat"), ignore_errors=True)
        whole.append(measure.run([leat, "run"], folder)[0])
    figures.add("whole run from an empty lake, median of 3", f"{sorted(whole)[1]:.2f} s", "below 6 s")
    median, low, high = measure.timed([leat, "run"], folder, 9)
    figures.add("run with nothing to do, median of 9", f"{median * 1000:.0f} ms ({low * 1000:.0f}-{high * 1000:.0f})", "below 250 ms")
    median, low, high = measure.timed([leat, "version"], folder, 9)
    figures.add("leat version, median of 9", f"{median * 1000:.1f} ms ({low * 1000:.1f}-{high * 1000:.1f})", "below 20 ms")
    figures.table()


if __name__ == "__main__":
    main()

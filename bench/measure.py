"""What the benchmark scripts share: running the binary, timing whole processes, printing figures as one table."""
import csv
import io
import os
import resource
import statistics
import subprocess
import sys
import time


class Figures:
    """Rows (what, figure, goal) printed as they come and as a Markdown table at the end."""

    def __init__(self, title):
        self.title, self.rows = title, []

    def add(self, what, figure, goal=""):
        self.rows.append((what, figure, goal))
        print(f"  {what}: {figure}" + (f"   (goal {goal})" if goal else ""), flush=True)

    def table(self):
        print(f"\n### {self.title}\n| what | figure | goal |\n| --- | --- | --- |")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


def run(command, cwd=None, expect=0):
    """Runs a command; returns (seconds, peak MB of the largest child, stdout)."""
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate()
        seconds = time.perf_counter() - start
    if expect is not None and process.returncode != expect:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}\n{out.decode()}{err.decode()}")
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, out.decode()


def timed(command, cwd=None, times=5, expect=0):
    """Median, minimum and maximum seconds of several runs after one warm-up."""
    run(command, cwd, expect)
    seconds = [run(command, cwd, expect)[0] for _ in range(times)]
    return statistics.median(seconds), min(seconds), max(seconds)


def rows(leat, folder, sql):
    text = run([leat, "sql", "-c", sql, "--output", "csv"], folder)[2]
    return list(csv.reader(io.StringIO(text)))[1:]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)

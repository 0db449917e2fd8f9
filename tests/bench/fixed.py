"""What the program costs that does not grow with rows: start-up, check and plan of the whole library, the demonstration's first run, a
second one with nothing new, publishing, status. Takes the program and a folder of its own; prints milliseconds, the median of some runs."""

import os
import shutil
import subprocess
import sys
import time

program, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
home = os.getcwd()
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
lists = os.path.join(folder, "lists")
places = {"UTFALL_DATA": f"{folder}/data", "UTFALL_KEYS": f"{folder}/keys", "UTFALL_OUT": f"{folder}/out"}


def run(*arguments):
    start = time.perf_counter()
    done = subprocess.run([program, *arguments], cwd=home, env={**os.environ, **places}, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"utfall {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
    return (time.perf_counter() - start) * 1000


def tell(name, arguments, times=7):
    all_ = sorted(run(*arguments) for _ in range(times))
    print(f"| {name} | {all_[len(all_) // 2]:.0f} ({all_[0]:.0f}–{all_[-1]:.0f}) |", flush=True)


print("| milliseconds, median (least–most) | utfall |\n|---|---|")
tell("start-up (`utfall --version`)", ["--version"])
tell("`utfall check`, the whole library", ["check"])
run("demo", lists)
run("init", "--epsilon", "15", "--delta", "1e-5", "--demonstration")
tell("first `utfall run` of the demonstration: five projects landed, every release drawn and published", ["run", "--inbox", lists], 1)
tell("second `utfall run`, nothing new", ["run", "--inbox", lists])
tell("`utfall plan`, the whole library", ["plan"])
tell("`utfall status`", ["status"])
tell("`utfall publish`, nothing changed", ["publish"])

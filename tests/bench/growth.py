"""What grows with what: rows of a list, projects, monthly deliveries, tables of a release. Lands and releases with the program itself; prints seconds by size,
and with which power of the size each grows between the least and the greatest. Takes the program and a folder of its own."""

import math
import os
import random
import shutil
import subprocess
import sys
import time

program, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
home = os.getcwd()
most = float(os.environ.get("UTFALL_GROWTH", "inf"))
most_projects = float(os.environ.get("UTFALL_GROWTH_PROJECTS", "inf"))
HEAD = "Projekt;Personnr;Startdatum;Slutdatum;Kön;Resultat\n"
RELEASE = """title = { sv = "Mätt", en = "Measured" }
[privacy]
budget = { epsilon = "1", delta = "1e-6" }
bounds = { participations = 3 }
[publish]
formats  = ["csv", "html"]
interval = "0.95"
"""


def number(draw):
    """An identity number; of the years and the birth numbers that official test numbers have."""
    digits = f"{draw.randrange(1950, 2000)}{draw.randrange(1, 13):02}{draw.randrange(1, 29):02}{draw.randrange(980, 1000)}"
    each = [int(d) * (2 if at % 2 == 0 else 1) for at, d in enumerate(digits[2:])]
    check = -sum(d // 10 + d % 10 for d in each) % 10
    return f"{digits[:8]}-{digits[8:]}{check}", int(digits[10]) % 2 == 1


def rows(draw, project, count):
    for row in range(count):
        person, is_man = number(draw)
        start = f"{2016 + row % 4}-{draw.randrange(1, 7):02}-{draw.randrange(1, 29):02}"
        outcome = draw.choice(["Arbete", "Studier", "Sjuk", ""])
        yield f"{project};{person};{start};{start[:4]}-{draw.randrange(7, 13):02}-01;{'M' if is_man else 'K'};{outcome}\n"


class World:
    """A data directory of its own, with a register of so many projects and a release of so many tables."""

    def __init__(self, name, projects=8, tables=1):
        self.folder = f"{folder}/{name}"
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(f"{home}/schemas", f"{self.folder}/home/schemas")
        with open(f"{self.folder}/home/schemas/register/project.csv", "a") as register:
            for at in range(8, projects + 8):
                register.write(f"{at},projekt-{at},,Projekt {at},Kommun {at},SE12,2014-2020,,2016-01-01,2020-12-31,,,2,,,,true,,\n")
        queries = f"{self.folder}/home/queries/measured"
        os.makedirs(queries)
        with open(f"{queries}/release.toml", "w") as release:
            release.write(RELEASE)
        for at in range(tables):
            with open(f"{queries}/table_{at}.sql", "w") as query:
                query.write(
                    f'/*+++\ntitle = {{ sv = "Tabell {at}", en = "Table {at}" }}\n+++*/\nSELECT exit_state, count(*) AS n\n'
                    f"FROM participation\nWHERE exit_state IS NOT NULL AND age <> {16 + at % 49}{' AND sex IS NOT NULL' if at >= 49 else ''}\nGROUP BY exit_state\n"
                )
        self.run("init", "--epsilon", "1000000", "--delta", "1e-5", "--demonstration")

    def run(self, *arguments):
        places = {"UTFALL_DATA": "data", "UTFALL_KEYS": "keys", "UTFALL_OUT": "out", "UTFALL_HOME": "home"}
        environment = {**os.environ, **{name: f"{self.folder}/{place}" for name, place in places.items()}}
        begun = time.perf_counter()
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"utfall {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return time.perf_counter() - begun

    def lists(self, projects, count, name="lists"):
        """Lists of so many rows each, a list per project."""
        os.makedirs(f"{self.folder}/{name}", exist_ok=True)
        paths = []
        for at in range(8, projects + 8):
            paths.append(f"{self.folder}/{name}/projekt-{at}.csv")
            with open(paths[-1], "w") as file:
                file.write(HEAD)
                file.writelines(rows(random.Random(f"{name} {at}"), f"projekt-{at}", count))
        return paths


def table(of, names, sizes, measure):
    """Measures each size, and prints a line of it."""
    sizes = [size for size in sizes if size <= most]
    if not sizes:
        return
    print(f"| {of} | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}", flush=True)
    measured = []
    for size in sizes:
        measured.append(measure(size))
        print(f"| {size:,} | {' | '.join(f'{seconds:.2f}' for seconds in measured[-1])} |", flush=True)
    grown = math.log(sizes[-1] / sizes[0])
    powers = [math.log(last / first) / grown for first, last in zip(measured[0], measured[-1])] if grown else []
    print(f"| *power* | {' | '.join(f'*{power:.2f}*' for power in powers)} |\n", flush=True)


def by_rows(size):
    world = World("rows")
    [path] = world.lists(1, size)
    landed = world.run("land", path)
    return [landed, world.run("release"), world.run("status")]


def by_projects(size):
    world = World("projects", projects=size + 1)
    landed = world.run("land", *world.lists(size, 100))
    [one] = world.lists(1, 100, name="one")
    return [landed, world.run("land", "--part", one), world.run("release"), world.run("status")]


def by_months(size):
    """Each month five projects send all their rows until then: two hundred new ones each, and of the others one in twenty corrected."""
    world = World("months", projects=5)
    for month in range(size):
        lists = []
        for at in range(8, 13):
            lists.append(f"{world.folder}/projekt-{at}-{2018 + month // 12}-{month % 12 + 1:02}.csv")
            with open(lists[-1], "w") as file:
                file.write(HEAD)
                for row in range(200 * (month + 1)):
                    # What is corrected in a month stays so.
                    corrections = (month - row // 200 + row) // 20
                    start = f"{2016 + row % 2}-{row % 6 + 1:02}-{row % 28 + 1:02}"
                    outcome = ["Arbete", "Studier", "Sjuk"][(row + corrections) % 3]
                    person, is_man = number(random.Random(f"{at} {row}"))
                    file.write(f"projekt-{at};{person};{start};{start[:4]}-12-01;{'M' if is_man else 'K'};{outcome}\n")
        landed = world.run("land", *lists)
    return [landed, world.run("release"), world.run("status")]


def by_tables(size):
    world = World("tables", tables=size)
    [path] = world.lists(1, 10_000)
    world.run("land", path)
    return [world.run("check"), world.run("plan"), world.run("release"), world.run("publish")]


print("Seconds by size, and with which power of the size they grow:\n")
table("rows", ["land", "release", "status"], [10_000, 100_000, 1_000_000], by_rows)
table("projects, of 100 rows each", ["land", "100 rows more", "release", "status"], [size for size in [5, 50, 500, 5_000, 20_000] if size <= most_projects], by_projects)
table("monthly deliveries of five projects, with corrections", ["land the last", "release", "status"], [6, 12, 24], by_months)
table("tables", ["check", "plan", "release", "publish"], [1, 10, 100], by_tables)
shutil.rmtree(folder, ignore_errors=True)

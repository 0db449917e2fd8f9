#!/usr/bin/env python3
"""Reads the files of published releases with the programs that people use, and compares every number with the CSV beside.

    python3 tests/clients/files.py out/outcomes ...

Prints one line per program and kind of file: `ok`, what differs, or `skipped` where a program is not installed; exits 1 if anything
differs. Programs of npm are called through `node`, from the folder that UTFALL_NODE_MODULES names.

To try another program, write one function that is given a file and the table of its CSV, and yields what it read as `Cell`s, or
raises `Differs`; and say with `@client` which kind of file it reads. Import the program inside the function.

    UTFALL_CLIENT_FILES=/tmp/files cargo test -p utfall-publish --lib files_for_clients -- --ignored

writes releases to try it on, with every format and with texts and numbers that are hard to write.
"""

import csv
import json
import math
import os
import re
import subprocess
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

csv.field_size_limit(sys.maxsize)


class Differs(Exception):
    """What a program read is not what was published."""


class Skipped(Exception):
    """A program is not installed."""


class Cell(NamedTuple):
    """A number as a program read it: the codes of its dimensions, its content, and the number or None."""

    codes: dict
    content: str
    number: object
    status: object = None  # None where the program does not tell it


# What the dimension of time is called in a CSV.
TIMES = ("period", "through", "year")

# What is said of an estimate, at the end of the name of its content, and as a column of its own.
QUALITIES = {
    "sampling_lower": "sampling_lower",
    "sampling_upper": "sampling_upper",
    "lower": "lower",
    "upper": "upper",
    "se": "standard_error",
    "margin": "margin",
}


class Table:
    """The CSV of a data set, with the types that its metadata tell."""

    def __init__(self, path):
        with open(path, encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        metadata = json.loads(Path(f"{path}-metadata.json").read_text(encoding="utf-8"))
        columns = metadata["tableSchema"]["columns"]
        self.columns = [column["name"] for column in columns]
        self.numbers = [column["name"] for column in columns if column["datatype"] in ("integer", "decimal", "double")]
        self.by_dimensions = {}

    def text(self, row, column):
        """A code; without the apostrophe by which spreadsheets know that it is no formula, and `none` where it is empty."""
        return re.sub(r"^'(?=[=+\-@\t\r])", "", row[column]) or "none"

    def columns_of(self, dimensions):
        """The columns of dimensions; None of the version of numbers that have no periods, and of the number of a row."""
        times = {dimension for dimension in dimensions if dimension.lower() in ("tid", "time_period", "vintage")}
        columns = {dimension: self.column_of(dimension) for dimension in dimensions if dimension not in times}
        for dimension in times:
            columns[dimension] = next((time for time in TIMES if time in self.columns and time not in columns.values()), None)
        return columns

    def column_of(self, dimension):
        found = [column for column in self.columns if column.lower() == dimension.lower()]
        found += [column for column in self.columns if column.lower() == dimension.lower().rstrip("_")]
        return found[0] if found else None

    def row(self, codes, spell):
        """The row of these codes, each spelt as the format spells it; None if there is none."""
        if "row" in codes and "row" not in self.columns:
            return self.rows[int(codes["row"]) - 1]
        column_of = self.columns_of(codes)
        dimensions = tuple(dimension for dimension in codes if column_of[dimension])
        if dimensions not in self.by_dimensions:
            columns = [column_of[dimension] for dimension in dimensions]
            of = {tuple(spell(self.text(row, column)) for column in columns): row for row in self.rows}
            if len(of) != len(self.rows):
                raise Differs(f"{dimensions} do not tell the rows of the CSV apart")
            self.by_dimensions[dimensions] = of
        return self.by_dimensions[dimensions].get(tuple(codes[dimension] for dimension in dimensions))

    def number_column(self, content):
        """The column of a content: of its own name, or of what is said of the only estimate."""
        if content in self.numbers:
            return content
        for quality, name in QUALITIES.items():
            if content.endswith(f"_{quality}") and name in self.numbers:
                return name
        raise Differs(f"the CSV has no column for {content}")

    def status(self, row, column):
        """The observation status of an estimate; None of what has none."""
        for name in (f"{column}_status", "obs_status"):
            if name in self.columns and column not in QUALITIES.values():
                return row[name]
        return None

    def compare(self, cells, spell=lambda code: code, only=None):
        """That the cells are the numbers of the CSV, each once, and all of them (or those of the columns `only`)."""
        seen = set()
        for cell in cells:
            row = self.row(cell.codes, spell)
            if row is None:
                if not is_none(cell.number):
                    raise Differs(f"{cell} is not in the CSV")
                continue
            column = self.number_column(cell.content)
            if (id(row), column) in seen:
                raise Differs(f"{cell} is there twice")
            seen.add((id(row), column))
            if not same(row[column], cell.number):
                raise Differs(f"{cell} is {row[column]!r} in the CSV")
            expected = self.status(row, column)
            if row[column] and cell.status is not None and expected is not None and cell.status != expected:
                raise Differs(f"the status of {cell} is {expected!r} in the CSV")
        wanted = {(id(row), column) for row in self.rows for column in self.numbers if only is None or column in only}
        if wanted - seen:
            raise Differs(f"{len(wanted - seen)} of {len(wanted)} numbers of the CSV are missing, of {sorted({c for _, c in wanted - seen})}")


def is_none(number):
    return number is None or number == "" or (isinstance(number, float) and math.isnan(number))


def same(text, number):
    """Whether a number is that of a text: to the last digit if it was read as a text, else to the last bit."""
    if text == "" or is_none(number):
        return text == "" and is_none(number)
    try:
        return Decimal(number) == Decimal(text) if isinstance(number, str) else float(number) == float(text)
    except (InvalidOperation, ValueError):
        return False


CLIENTS = []


def client(name, *kinds):
    """A program and the ends of the names of the files that it reads."""

    def register(function):
        CLIENTS.extend((name, kind, function) for kind in kinds)
        return function

    return register


def node(script, *arguments):
    """What a script prints as JSON that may require the modules of UTFALL_NODE_MODULES."""
    modules = os.environ.get("UTFALL_NODE_MODULES")
    if not modules:
        raise Skipped
    environment = {**os.environ, "NODE_PATH": modules}
    run = subprocess.run(["node", "-e", script, *arguments], env=environment, capture_output=True, text=True, check=False)
    if "Cannot find module" in run.stderr:
        raise Skipped
    if run.returncode:
        raise Differs(run.stderr.strip().splitlines()[-1])
    return json.loads(run.stdout)


@client("jsonstat-validator", ".sv.json", ".en.json")
def jsonstat_validator(path, table):
    from jsonstat_validator import validate_jsonstat

    body = json.loads(path.read_text(encoding="utf-8"))
    validate_jsonstat(body)
    # What the validator does not see.
    cells = math.prod(body["size"])
    if len(body["value"]) != cells or not all(0 <= int(place) < cells for place in body.get("status", {})):
        raise Differs(f"{cells} cells, {len(body['value'])} values, statuses {list(body.get('status', {}))[-1:]}")
    for dimension in body["dimension"].values():
        if "extension" not in dimension:
            raise Differs("a dimension has no extension, which R's pxweb demands")


@client("pyjstat", ".sv.json", ".en.json")
def pyjstat(path, table):
    from pyjstat import pyjstat

    body = path.read_text(encoding="utf-8")
    frame = pyjstat.Dataset.read(body).write("dataframe", naming="id")
    labelled = pyjstat.Dataset.read(body).write("dataframe", naming="label")
    if len(labelled.columns) != len(frame.columns) or len(set(labelled.columns)) != len(frame.columns):
        raise Differs(f"labels of dimensions are alike: {list(labelled.columns)}")
    dimensions = [column for column in frame.columns if column not in ("ContentsCode", "value")]
    for record in frame.to_dict("records"):
        yield Cell({of: record[of] for of in dimensions}, record["ContentsCode"], record["value"])


TOOLKIT = """
const JSONstat = require('jsonstat-toolkit');
const toolkit = JSONstat.default || JSONstat;
const body = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
const d = toolkit(body);
const cells = [];
for (let at = 0; at < d.n; at++) {
  const cell = d.Data(at), codes = {};
  let rest = at;
  for (let i = d.id.length - 1; i >= 0; i--) { codes[d.id[i]] = d.Dimension(i).id[rest % d.size[i]]; rest = Math.floor(rest / d.size[i]); }
  cells.push([codes, cell.value, cell.status]);
}
console.log(JSON.stringify({n: d.n, metric: d.role.metric, cells}));
"""


@client("jsonstat-toolkit", ".sv.json", ".en.json")
def jsonstat_toolkit(path, table):
    read = node(TOOLKIT, str(path))
    if read["n"] != len(read["cells"]) or read["metric"] != ["ContentsCode"]:
        raise Differs(f"{read['n']} cells, contents are {read['metric']}")
    for codes, number, status in read["cells"]:
        yield Cell(codes, codes.pop("ContentsCode"), number, status or "")


@client("pyaxis", ".px")
def pyaxis(path, table):
    from pyaxis import pyaxis

    encoding = re.search(rb'CODEPAGE="([^"]+)"', path.read_bytes()).group(1).decode("ascii")
    sizes = set()
    for lang in ("sv", "en"):
        with open(os.devnull, "w", encoding="utf-8") as silent:
            out, sys.stdout = sys.stdout, silent
            try:
                read = pyaxis.parse(str(path), encoding=encoding, lang=lang)
            finally:
                sys.stdout = out
        frame, said = read["DATA"], read["METADATA"]
        names = [name for name in frame.columns if name != "DATA"]
        code_of = {name: said[f"VARIABLECODE({name})"][0] for name in names}
        codes_of = {name: dict(zip(said[f"VALUES({name})"], said[f"CODES({name})"], strict=True)) for name in names}
        if any(len(codes_of[name]) != len(said[f"CODES({name})"]) for name in names):
            raise Differs("two codes have one label")
        cells = []
        for record in frame.to_dict("records"):
            codes = {code_of[name]: codes_of[name][record[name]] for name in names}
            cells.append(Cell(codes, codes.pop("ContentsCode"), record["DATA"]))
        table.compare(cells, spell=latin if encoding != "utf-8" else lambda code: code)
        sizes.add(len(cells))
    if len(sizes) != 1:
        raise Differs("the languages have unlike numbers of cells")


def latin(code):
    """A code in ISO 8859-15, as the PX writer spells it."""
    return re.sub("[‐–—−]", "-", code).encode("iso-8859-15", "replace").decode("iso-8859-15")


@client("sdmx1", ".sdmx.csv")
def sdmx1(path, table):
    import logging

    import sdmx

    logging.getLogger("sdmx").setLevel(logging.ERROR)
    structure = next(iter(sdmx.read_sdmx(path.with_suffix(".xml")).structure.values()))
    message = sdmx.read_sdmx(path, structure=structure)
    attributes = {
        "LOWER": "lower",
        "UPPER": "upper",
        "STD_ERROR": "se",
        "MARGIN": "margin",
        "SAMPLING_LOWER": "sampling_lower",
        "SAMPLING_UPPER": "sampling_upper",
    }
    lists = {of.id: of.local_representation.enumerated for of in structure.dimensions if of.local_representation.enumerated}
    for observation in (observation for data in message.data for observation in data.obs):
        codes = {of: key.value for of, key in observation.dimension.values.items()}
        unknown = {of: code for of, code in codes.items() if of in lists and code not in lists[of]}
        if unknown:
            raise Differs(f"{unknown} are not in their code lists")
        measure = codes.pop("MEASURE")
        estimate = next(column for column in table.numbers if spelt(column).upper() == measure)
        said = {name: value.value for name, value in observation.attached_attribute.items()}
        status = said["OBS_STATUS"]
        if said["CONF_STATUS"] != "F" or (status == "O") != is_none(observation.value):
            raise Differs(f"{observation} has the statuses {said}")
        yield Cell(codes, estimate, observation.value, "" if status in "AO" else status.lower())
        for name, quality in attributes.items():
            column = next((of for of in (f"{estimate}_{quality}", QUALITIES[quality]) if of in table.numbers), None)
            # Of a number that is known without measuring nothing is said.
            if name in said and column and table.status({column: "", "obs_status": "", f"{estimate}_status": ""}, estimate) is not None:
                yield Cell(codes, f"{estimate}_{quality}", said[name])


def spelt(code):
    """A code as an identifier of SDMX."""
    return re.sub(r"[^A-Za-z0-9-]", "_", code.translate(str.maketrans("åäàáöøéèüÅÄÀÁÖØÉÈÜ", "aaaaooeeuAAAAOOEEU"))) or "_"


sdmx1.spell = spelt


@client("json (Kolada's shape)", ".kolada.json")
def kolada(path, table):
    body = json.loads(path.read_text(encoding="utf-8"))
    if body["count"] != len(body["values"]):
        raise Differs(f"count is {body['count']}, there are {len(body['values'])} figures")
    sexes = {"K": "female", "M": "male", "T": "total"}
    for figure in body["values"]:
        content = figure["kpi"].split(".", 1)[1]
        for value in figure["values"]:
            codes = {"municipality": figure["municipality"]}
            codes |= {"sex": sexes[value["gender"]]} if "sex" in table.columns else {}
            codes |= {} if "version" in body else {"Tid": str(figure["period"])}
            for name, number in (("", value["value"]), ("_lower", value.get("lower")), ("_upper", value.get("upper"))):
                row = table.row(codes, str)
                if row is None or (not same(row[table.number_column(content + name)], number)):
                    raise Differs(f"{figure['kpi']}{name} of {codes} is {number}")


def check(function, path, table):
    """What differs, or None."""
    try:
        cells = function(path, table)
        if cells is not None:
            table.compare(list(cells), spell=getattr(function, "spell", lambda code: code))
    except (ImportError, Skipped):
        raise
    except Differs as differs:
        return str(differs)
    except Exception as error:  # A program that cannot read the file.
        return f"{type(error).__name__}: {error}"
    return None


def stems(folder, kind):
    """The files of a kind, by the names of their data sets."""
    found = {path: path.name[: -len(kind)] for path in sorted(folder.glob(f"*{kind}"))}
    return {path: stem for path, stem in found.items() if (folder / f"{stem}.csv").is_file()}


def main(folders):
    if not folders:
        sys.exit(__doc__)
    failed, skipped = False, set()
    for folder in map(Path, folders):
        if not any(folder.glob("*.csv")):
            print(f"{folder}: no CSV to compare with")
            failed = True
        for name, kind, function in CLIENTS:
            files = stems(folder, kind)
            if not files:
                continue
            try:
                checked = {path: check(function, path, Table(folder / f"{stem}.csv")) for path, stem in files.items()}
            except (ImportError, Skipped):
                if name not in skipped:
                    print(f"skipped: {name} is not installed")
                skipped.add(name)
                continue
            wrong = {path: what for path, what in checked.items() if what}
            failed |= bool(wrong)
            print(f"{folder.name} {kind} by {name}: " + (f"ok ({len(files)} files)" if not wrong else f"{len(wrong)} of {len(files)} files differ"))
            for path, what in wrong.items():
                print(f"  {path.name}: {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

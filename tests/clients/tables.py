"""Reads the tables of a published release with the programs of others, and holds every cell against the tidy CSV.

    python3 tests/clients/tables.py out/outcomes

The release must be published as `csv`; of its other formats those that are there are read. One line per client; exit code 1 if any of them
reads another number, 2 if there is nothing to read. `UTFALL_CLIENT_FILES=FOLDER cargo test -p utfall-publish -- --ignored files_for_clients`
writes an example in every format.
"""

import csv
import decimal
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile


class Differs(Exception):
    """A client reads something else than what is published."""


class Skipped(Exception):
    """There is no such client, or no file for it."""


def need(module):
    """Imports a module by its name; skips the client that is not installed."""
    try:
        return __import__(module, fromlist=["_"])
    except ImportError:
        raise Skipped(f"{module} is not installed") from None


def same(where, found, expected):
    if found != expected:
        raise Differs(f"{where}: {found!r}, published {expected!r}")


def exact(text):
    """A published number; none of an empty field."""
    return decimal.Decimal(text) if text else None


def near(where, found, expected):
    """Holds what a client with floats has against a published number: it must be the float nearest to it."""
    if expected is None or found is None or found == "":
        return same(where, found or None, expected)
    same(where, float(found), float(expected))


class Table:
    """A data set: its tidy CSV, its columns as `datasets.json` has them, and the types of CSVW."""

    def __init__(self, folder, data_set):
        self.name, self.set = data_set["name"], data_set
        self.path = folder / f"{self.name}.csv"
        with open(self.path, encoding="utf-8", newline="") as file:
            self.head, *self.rows = list(csv.reader(file))
        metadata = json.loads((folder / f"{self.name}.csv-metadata.json").read_text(encoding="utf-8"))
        self.types = [column["datatype"] for column in metadata["tableSchema"]["columns"]]

    def numbers(self):
        """The places of its columns of numbers."""
        return [at for at, kind in enumerate(self.types) if kind != "string"]


def tables(folder):
    sets = json.loads((folder / "datasets.json").read_text(encoding="utf-8"))["sets"]
    return [Table(folder, one) for one in sets]


def released(folder, ending):
    """The one file of the release with this ending."""
    found = sorted(folder.glob(f"*.{ending}"))
    if not found:
        raise Skipped(f"there is no .{ending}")
    return found[0]


def parquets(folder):
    found = [table for table in tables(folder) if (folder / f"{table.name}.parquet").is_file()]
    if not found:
        raise Skipped("there is no .parquet")
    return found


def plain(text):
    """A text of the tidy CSV without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r") else text


def columns(where, table, read):
    """Holds columns by name, as a client with types reads them, against the tidy CSV."""
    same(f"{where} columns", list(read), table.head)
    for at, name in enumerate(table.head):
        published = [row[at] for row in table.rows]
        values = list(read[name])
        same(f"{where} {name} rows", len(values), len(published))
        for row, (value, text) in enumerate(zip(values, published)):
            place = f"{where} {name} {row}"
            if table.types[at] == "string":
                same(place, value or "", plain(text))
            elif isinstance(value, float):
                near(place, value, exact(text))
            else:
                same(place, None if value is None else decimal.Decimal(value), exact(text))


def sheet(where, table, rows):
    """Holds the rows of a sheet against the tidy CSV: its numbers stand in the same order, below a row of headings."""
    width = max((len(row) for row in rows), default=0)
    data = rows[len(rows) - len(table.rows):] if table.rows else []
    numbers = table.numbers()
    kinds = [kinds_of(one) for one in zip(*[list(row) + [None] * (width - len(row)) for row in data])] if data else []
    places = [at for at, kind in enumerate(kinds) if kind == "number"]
    filled = [at for at in numbers if any(row[at] for row in table.rows)]
    # A client without types takes labels that are digits for numbers; keys stand before all else.
    places = places[max(len(places) - len(filled), 0):]
    same(f"{where} columns of numbers", len(places), len(filled))
    for row, (found, published) in enumerate(zip(data, table.rows)):
        for place, at in zip(places, filled):
            near(f"{where} {table.head[at]} {row}", found[place] if place < len(found) else None, exact(published[at]))


def kinds_of(values):
    numbers = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in values if value not in (None, "")]
    return "number" if numbers and all(numbers) else "text"


def client_openpyxl(folder):
    openpyxl = need("openpyxl")
    path = released(folder, "xlsx")
    book, published = openpyxl.load_workbook(path), tables(folder)
    same("sheets", len(book.sheetnames), len(published) + 2)
    for name in book.sheetnames:
        for row in book[name].iter_rows():
            for cell in row:
                same(f"{name} {cell.coordinate} is a formula", cell.data_type == "f", False)
    for table, name in zip(published, book.sheetnames[1:]):
        page = book[name]
        head = int(page.auto_filter.ref.split(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        same(f"{name} frozen", page.freeze_panes, f"A{head + 1}")
        sheet(f"{path.name} {name}", table, [[cell.value for cell in row] for row in page.iter_rows(min_row=head + 1)])
    return f"{len(published)} sheets of {path.name}"


def client_odfpy(folder):
    need("odf.opendocument")
    from odf.opendocument import load
    from odf.table import Table as Sheet, TableCell, TableRow
    path = released(folder, "ods")
    pages, published = load(path).spreadsheet.getElementsByType(Sheet), tables(folder)
    same("sheets", len(pages), len(published) + 2)

    def value(cell):
        same("a formula", cell.getAttribute("formula"), None)
        if cell.getAttribute("valuetype") in ("float", "percentage"):
            return float(cell.getAttribute("value"))
        return str(cell) or None

    for table, page in zip(published, pages[1:]):
        rows = [[value(cell) for cell in row.getElementsByType(TableCell)] for row in page.getElementsByType(TableRow)]
        sheet(f"{path.name} {page.getAttribute('name')}", table, rows)
    return f"{len(published)} sheets of {path.name}"


def office(paths, to, *options):
    """What LibreOffice makes of files, as the bytes of every file that it writes, by name."""
    program = shutil.which("soffice")
    if program is None:
        raise Skipped("soffice is not installed")
    with tempfile.TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        out = pathlib.Path(folder) / "out"
        command = [program, profile, "--headless", *options, "--convert-to", to, "--outdir", str(out), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        if done.returncode != 0 or not out.is_dir():
            raise Differs(f"LibreOffice cannot read {[path.name for path in paths]}: {done.stderr}")
        return {file.name: file.read_bytes() for file in sorted(out.iterdir())}


# Semicolons, no quotes but where needed, UTF-8, cells as they are stored and not as they are shown, every sheet in a file of its own.
SHEETS = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,false,false,false,false,-1"


def client_libreoffice(folder):
    """Opens the workbooks and writes each sheet as CSV."""
    published, read = tables(folder), []
    for ending in ("xlsx", "ods"):
        if not (found := sorted(folder.glob(f"*.{ending}"))):
            continue
        files = office(found[:1], SHEETS)
        same(f"{found[0].name} sheets", len(files), len(published) + 2)
        for number, table in enumerate(published, 1):
            name = next((name for name in files if f"-{number}. " in name or f"-{number}.." in name or f"-{number}.csv" in name), None)
            if name is None:
                raise Differs(f"{found[0].name}: no sheet {number} among {sorted(files)}")
            rows = list(csv.reader(files[name].decode("utf-8").splitlines(keepends=True), delimiter=";"))
            rows = [[number_of(cell) for cell in row] for row in rows]
            sheet(name, table, rows)
        read.append(found[0].name)
    if not read:
        raise Skipped("there is no workbook")
    return f"{len(published)} sheets each of {', '.join(read)}"


def number_of(text):
    """A cell as the CSV of LibreOffice has it: with the decimal sign of the machine, and parts of a whole in hundredths."""
    try:
        if text.endswith("%"):
            return float(decimal.Decimal(text[:-1].strip().replace(",", ".")) / 100)
        return float(text.replace(",", ".")) if text else None
    except decimal.InvalidOperation:
        return text
    except ValueError:
        return text


def client_swedish_csv(folder):
    """Opens the Swedish CSV in LibreOffice as a Swedish Excel would: its own separators, its own decimal comma."""
    published = [table for table in tables(folder) if (folder / f"{table.name}.sv.csv").is_file()]
    if not published:
        raise Skipped("there is no .sv.csv")
    paths = [folder / f"{table.name}.sv.csv" for table in published]
    # Opened with semicolons, UTF-8 and the language 1053, which is Swedish.
    files = office(paths, "fods", "--infilter=CSV:59,34,76,1,,1053")
    for table, path in zip(published, paths):
        same(f"{path.name} begins with the mark of UTF-8", path.read_bytes()[:3], b"\xef\xbb\xbf")
        sheet(path.name, table, flat(files[f"{table.name}.sv.fods"].decode("utf-8")))
    return f"{len(published)} files"


def flat(content):
    """The cells of a flat OpenDocument file."""
    import xml.etree.ElementTree as tree
    office_, table_, text_ = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text"))
    rows = []
    for row in tree.fromstring(content).iter(f"{table_}table-row"):
        cells = []
        for cell in row.iter(f"{table_}table-cell"):
            kind = cell.get(f"{office_}value-type")
            value = float(cell.get(f"{office_}value")) if kind in ("float", "percentage") else "\n".join(
                "".join(line.itertext()) for line in cell.iter(f"{text_}p")) or None
            cells += [value] * min(int(cell.get(f"{table_}number-columns-repeated", 1)), 100)
        for _ in range(int(row.get(f"{table_}number-rows-repeated", 1))):
            if any(cell is not None for cell in cells):
                rows.append(cells)
    return rows


def client_pyarrow(folder):
    parquet = need("pyarrow.parquet")
    pyarrow = need("pyarrow")
    found = parquets(folder)
    for table in found:
        read = parquet.read_table(folder / f"{table.name}.parquet")
        columns(f"{table.name}.parquet", table, {name: read[name].to_pylist() for name in read.column_names})
        for at, name in enumerate(table.head):
            kind = {"integer": pyarrow.types.is_int64, "double": pyarrow.types.is_float64}.get(table.types[at])
            if kind is not None:
                same(f"{table.name} {name} has its type", kind(read.schema.field(name).type), True)
        about = parquet.read_metadata(folder / f"{table.name}.parquet").metadata
        same(f"{table.name} title", about[b"title_sv"].decode(), table.set["title"]["sv"])
        same(f"{table.name} method", json.loads(about[b"method"]), table.set["method"])
    return f"{len(found)} files"


def client_duckdb(folder):
    duckdb = need("duckdb")
    found = parquets(folder)
    for table in found:
        cursor = duckdb.execute("SELECT * FROM read_parquet(?)", [str(folder / f"{table.name}.parquet")])
        names, rows = [column[0] for column in cursor.description], cursor.fetchall()
        columns(f"{table.name}.parquet", table, {name: [row[at] for row in rows] for at, name in enumerate(names)})
    return f"{len(found)} files"


def client_polars(folder):
    polars = need("polars")
    found = parquets(folder)
    for table in found:
        read = polars.read_parquet(folder / f"{table.name}.parquet")
        columns(f"{table.name}.parquet", table, {name: read[name].to_list() for name in read.columns})
    return f"{len(found)} files"


def client_frictionless(folder):
    frictionless = need("frictionless")
    path = folder / "datapackage.json"
    if not path.is_file():
        raise Skipped("there is no datapackage.json")
    package = json.loads(path.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        same(f"{resource['path']} is there", (folder / resource["path"]).is_file(), True)
    # It reads Parquet with another library only; size and hash of those files are checked all the same.
    report = frictionless.Package(str(path)).validate(limit_errors=5) if not has_parquet(package) else csv_report(frictionless, folder, package)
    if not report.valid:
        raise Differs(str(report.flatten(["title", "rowNumber", "fieldName", "message"])[:5]))
    by_name = {table.name: table for table in tables(folder)}
    for resource in frictionless.Package(str(path)).resources:
        table = by_name.get(resource.name)
        if table is None:
            continue
        rows = resource.read_rows()
        columns(resource.path, table, {name: [worded(row[name], table, name) for row in rows] for name in table.head})
    return f"{len(package['resources'])} resources"


def has_parquet(package):
    return any(resource["format"] == "parquet" for resource in package["resources"])


def csv_report(frictionless, folder, package):
    """Validates the package with its CSV alone, and the size and hash of the other files here."""
    import hashlib
    for resource in package["resources"]:
        data = (folder / resource["path"]).read_bytes()
        same(f"{resource['path']} bytes", len(data), resource["bytes"])
        same(f"{resource['path']} hash", "sha256:" + hashlib.sha256(data).hexdigest(), resource["hash"])
    only = dict(package, resources=[resource for resource in package["resources"] if resource["format"] == "csv"])
    return frictionless.Package.from_descriptor(only, basepath=str(folder)).validate(limit_errors=5)


def worded(value, table, name):
    return plain(value) if isinstance(value, str) and table.types[table.head.index(name)] == "string" else value


def client_csvw(folder):
    csvw = need("csvw")
    found = tables(folder)
    for table in found:
        group = csvw.CSVW(str(folder / f"{table.name}.csv-metadata.json"))
        same(f"{table.name} is valid", group.is_valid, True)
        read = list(group.tables[0].iterdicts()) if hasattr(group, "tables") else []
        if read:
            columns(table.path.name, table, {name: [worded(row[name], table, name) for row in read] for name in table.head})
    return f"{len(found)} files"


def client_measurements(folder):
    """Recomputes every count and sum, and its standard error, of what was measured: with DuckDB, which knows nothing of how they were made."""
    duckdb = need("duckdb")
    if not (folder / "map.csv").is_file():
        raise Skipped("there is no map.csv")
    sums = duckdb.execute(
        """SELECT data_set, row, sum(weight * m.value), sqrt(sum(weight * weight * m.variance))
           FROM read_csv(?, types = {'period': 'VARCHAR'}) w
           JOIN read_parquet(?) m ON w.vector = m.vector AND w.index = m.index AND coalesce(w.period, '') = coalesce(m.period, '')
           GROUP BY data_set, row""", [str(folder / "map.csv"), str(folder / "measurements.parquet")]).fetchall()
    found = {(name, row): (estimate, error) for name, row, estimate, error in sums}
    about = need("pyarrow.parquet").read_metadata(folder / "measurements.parquet").metadata
    left_out = {one["data_set"] for one in json.loads(about[b"not_in_map"])}
    numbers = 0
    for table in tables(folder):
        if table.set["computed"] or table.name in left_out:
            continue
        at = next(at for at, column in enumerate(table.set["columns"]) if column["role"] == "estimate")
        value = table.head.index(table.set["columns"][at]["name"])
        for row, fields in enumerate(table.rows):
            published = exact(fields[value])
            estimate, error = found[table.name, row]
            # Rounded so that parts sum to the whole: to the nearest or, rarely, the next of the last decimal.
            last = decimal.Decimal(1).scaleb(published.as_tuple().exponent)
            if abs(estimate - float(published)) >= (2 * float(last) if last < 1 else 1e-6):
                raise Differs(f"{table.name} {row}: {estimate}, published {published}")
            if "standard_error" in table.head:
                said = exact(fields[table.head.index("standard_error")])
                if abs(error - float(said)) > 0.6 * float(decimal.Decimal(1).scaleb(said.as_tuple().exponent)):
                    raise Differs(f"{table.name} {row}: standard error {error}, published {said}")
            numbers += 1
    return f"{numbers} counts and sums, each from what was measured"


CLIENTS = [client_openpyxl, client_odfpy, client_libreoffice, client_swedish_csv, client_pyarrow, client_duckdb, client_polars,
           client_frictionless, client_csvw, client_measurements]


def main():
    if len(sys.argv) != 2 or not (pathlib.Path(sys.argv[1]) / "datasets.json").is_file():
        sys.exit(f"usage: {sys.argv[0]} FOLDER: that of a published release, with its datasets.json")
    folder, different = pathlib.Path(sys.argv[1]), 0
    for client in CLIENTS:
        name = client.__name__.removeprefix("client_")
        try:
            print(f"{name}: the same numbers in {client(folder)}")
        except Skipped as why:
            print(f"{name}: skipped: {why}")
        except Differs as difference:
            different += 1
            print(f"{name}: DIFFERS: {difference}")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()

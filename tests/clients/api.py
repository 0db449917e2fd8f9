"""Whether programs that speak PxWebApi 2 read the published numbers from `utfall serve`: pxwebpy, pxstatspy, and the rules of R's pxweb.

    api.py ADDRESS FOLDER       e.g. api.py http://127.0.0.1:8080/api/v2 out

FOLDER is the folder of pages that is served. Every table is fetched whole, by a selection, and split into answers of few cells, and held
against its CSV file there. One line a check; the exit code is 1 if one fails. A client that is not installed is skipped, and that is said.
A server for tests may be asked as often as one likes: with its usual limit the clients wait, and this takes minutes.
"""

import contextlib
import csv
import io
import json
import math
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

FAILED = 0
FEW = 7


def check(name, wrong):
    """Prints one line: what was tried, and what is wrong with it, if anything is."""
    global FAILED
    FAILED += bool(wrong)
    print(f"{'WRONG' if wrong else 'right'}  {name}" + (f": {str(wrong)[:300]}" if wrong else ""))


def tried(name, attempt):
    """The same of a function that says what is wrong, or fails."""
    try:
        check(name, attempt())
    except Exception as error:  # noqa: BLE001: whatever a client raises is what is wrong
        check(name, f"{type(error).__name__}: {error}")


def ask(address, body=None, method=None, headers=None):
    """Status, headers and body of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read()


class Table:
    """A table as its files say it is: numbers by content and by the codes of its keys."""

    def __init__(self, folder, release, data_set, metadata):
        self.id = f"{release}.{data_set['name']}"
        self.label = {of: dimension["label"] for of, dimension in metadata["dimension"].items()}
        self.codes = {of: list(dimension["category"]["index"]) for of, dimension in metadata["dimension"].items()}
        self.keys = [of for of in metadata["id"] if of != "ContentsCode"]
        with open(folder / release / f"{data_set['name']}.csv", encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.columns = dict(contents(data_set["columns"]))
        names = {column["name"] for column in data_set["columns"]}
        period = next((column["name"] for column in data_set["columns"] if column["role"] == "period"), None)
        self.named = all(key in names or key == "Tid" for key in self.keys)
        self.number = {}
        for row in self.rows:
            key = tuple(self.code(row, period if of == "Tid" else of) for of in self.keys) if self.named else None
            for content, column in self.columns.items():
                value = float(row[column]) if row[column] else None
                if self.named:
                    self.number[key, content] = value
                else:
                    self.number.setdefault(content, []).append(value)

    def code(self, row, column):
        """The code of a key in a row; that of the version where the table has no periods."""
        if column is None:
            return self.codes["Tid"][0]
        text = row[column]
        # A text that a spreadsheet would take for a formula has an apostrophe in front, in CSV.
        return (text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text) or "none"

    def differs(self, cells, chosen=None):
        """What is wrong with cells, as pairs of codes by dimension and a number; nothing if they are those of the file."""
        chosen = chosen or self.codes
        cells = list(cells)
        expected = math.prod(len(codes) for codes in chosen.values())
        if len(cells) != expected:
            return f"{len(cells)} cells, expected {expected}"
        if not self.named:
            return self.differs_by_content(cells)
        seen = set()
        for codes, value in cells:
            at = tuple(codes[of] for of in self.keys), codes["ContentsCode"]
            seen.add(at)
            if any(codes[of] not in chosen[of] for of in chosen):
                return f"{at} was not asked for"
            if not same(value, self.number.get(at)):
                return f"{at}: {value}, expected {self.number.get(at)}"
        missing = [at for at in self.number if at not in seen and is_chosen(at, self.keys, chosen)]
        return f"{missing[0]} is missing" if missing else None

    def differs_by_content(self, cells):
        """Where rows are told apart by their number only: the same numbers of each content."""
        for content, numbers in self.number.items():
            found = [value for codes, value in cells if codes["ContentsCode"] == content and value is not None and not math.isnan(value)]
            if sorted(found) != sorted(number for number in numbers if number is not None):
                return f"{content}: other numbers than in the file"
        return None

    def some(self):
        """Some codes of each dimension: every other one, and of contents the first."""
        return {of: codes[:1] if of == "ContentsCode" else codes[::2] for of, codes in self.codes.items()}


def contents(columns):
    """Contents by their codes, with the column of the file that each stands in."""
    short = {"standard_error": "se"}
    for column in columns:
        if "numbers" not in column["values"] or column["role"] in ("key", "period"):
            continue
        about = column["role"]["about"] if isinstance(column["role"], dict) else None
        yield (f"{columns[about[0]]['name']}_{short.get(about[1], about[1])}" if about else column["name"]), column["name"]


def is_chosen(at, keys, chosen):
    return all(code in chosen[of] for of, code in zip(keys, at[0])) and at[1] in chosen["ContentsCode"]


def same(found, expected):
    none = [value is None or math.isnan(value) for value in (found, expected)]
    return all(none) or (not any(none) and found == expected)


def of_pxwebpy(table, rows):
    """The cells of rows by pxwebpy, whose columns are labels."""
    for row in rows:
        yield {of: row[table.label[of]] for of in table.label}, row["value"]


def of_pxstatspy(table, frame, chosen):
    """The cells of a frame by pxstatspy, which has a column for each content."""
    for row in frame.to_dict("records"):
        codes = {of: str(row[table.label[of]]) for of in table.keys}
        for content in chosen["ContentsCode"]:
            value = row[content]
            yield {**codes, "ContentsCode": content}, None if value is None else float(value)


def with_pxwebpy(base, tables):
    try:
        from pxweb import PxApi
    except ImportError:
        print("skipped: pxwebpy is not installed")
        return
    client = PxApi(base, language="sv", disable_cache=True)
    limits = client._client.configuration
    most = limits["maxDataCells"]
    tried("pxwebpy: all tables", lambda: {of["id"] for of in client.all_tables()} ^ {of.id for of in tables})
    tried("pxwebpy: search", lambda: not any(of["id"] == tables[0].id for of in client.search(tables[0].id)["tables"]))
    tried("pxwebpy: paths", lambda: {of.id.split(".")[0] for of in tables} - {path["id"] for path in client.get_paths()})
    on_path = lambda release: {of["id"] for of in client.tables_on_path(release)}  # noqa: E731
    releases = {of.id.split(".")[0] for of in tables}
    tried("pxwebpy: tables on a path", lambda: [of for of in releases if not all(t.startswith(f"{of}.") for t in on_path(of))])
    for table in tables:
        whole = lambda: table.differs(of_pxwebpy(table, client.get_table_data_all(table.id, show="code")))  # noqa: B023, E731
        some = table.some()
        part = lambda: table.differs(of_pxwebpy(table, client.get_table_data(table.id, some, show="code")), some)  # noqa: B023, E731
        tried(f"pxwebpy {table.id}: whole", whole)
        tried(f"pxwebpy {table.id}: by default", lambda: not client.get_table_data(table.id, show="code"))
        tried(f"pxwebpy {table.id}: by selection", part)
        limits["maxDataCells"] = min(most, max(FEW, math.prod(len(of) for of in table.codes.values()) // 9))
        tried(f"pxwebpy {table.id}: split", whole)
        limits["maxDataCells"] = most
        variables = client.get_table_variables(table.id)
        for of, variable in variables.items():
            for codelist in variable["codelists"]:
                tried(f"pxwebpy {table.id}: {codelist['id']}", lambda: summed(client, table, of, codelist["id"]))
    for title, selection in [("Non-existent value", {"ContentsCode": ["?none?"]}), ("Missing selection", {"ContentsCode": ["*"]})]:
        tried(f"pxwebpy: {title}", lambda: raises(title, lambda: client.get_table_data(tables[0].id, selection)))


def raises(title, call):
    try:
        call()
    except Exception as error:  # noqa: BLE001
        return None if title in str(error) else error
    return "nothing was raised"


def summed(client, table, dimension, codelist):
    """The numbers by a code list: sums of those of the file where they are of several codes, and no interval then."""
    groups = {of["code"]: [code for code in of["valueMap"] if code in table.codes[dimension]] for of in client.get_code_list(codelist)["values"]}
    groups = {code: members for code, members in groups.items() if members}
    chosen = {of: ["*"] for of in table.codes}
    rows = client.get_table_data(table.id, {**chosen, dimension: list(groups)}, {dimension: codelist}, show="code")
    estimates = {content for content in table.columns if not any(content.startswith(f"{other}_") for other in table.columns)}
    place = table.keys.index(dimension)
    for codes, value in of_pxwebpy(table, rows):
        key = [codes[of] for of in table.keys]
        content, members = codes["ContentsCode"], groups[codes[dimension]]
        parts = [table.number.get((tuple([*key[:place], code, *key[place + 1 :]]), content)) for code in members]
        known = len(parts) == 1 or content in estimates
        expected = sum(parts) if known and None not in parts else None
        if not (value is None if expected is None else value is not None and math.isclose(value, expected, abs_tol=1e-9)):
            return f"{codes}: {value}, expected {expected}"
    return None if len(rows) else "no rows"


def with_pxstatspy(base, tables):
    try:
        from pxstatspy import OutputFormatParam, PxAPI, PxAPIConfig
    except ImportError:
        print("skipped: pxstatspy is not installed")
        return
    client = PxAPI(PxAPIConfig(base_url=base, language="sv"))
    most = client.max_data_cells

    def fetch(table, chosen):
        with contextlib.redirect_stdout(io.StringIO()):
            return client.get_data_as_dataframe(table.id, chosen, OutputFormatParam.USE_CODES)

    total = lambda: client.find_tables(display=False)["page"]["totalElements"]  # noqa: E731
    tried("pxstatspy: tables", lambda: total() != len(tables) and total())
    for table in tables:
        every = {of: ["*"] for of in table.codes}
        whole = lambda: table.differs(of_pxstatspy(table, fetch(table, every), table.codes))  # noqa: B023, E731
        some = table.some()
        tried(f"pxstatspy {table.id}: whole", whole)
        # Codes with a comma cannot be named in an address.
        if not any("," in code for codes in some.values() for code in codes):
            tried(f"pxstatspy {table.id}: by selection", lambda: table.differs(of_pxstatspy(table, fetch(table, some), some), some))
        if any(len(codes) > 1 for of, codes in table.codes.items() if of not in ("Tid", "ContentsCode")):
            client.max_data_cells = min(most, max(FEW, math.prod(len(of) for of in table.codes.values()) // 3))
            tried(f"pxstatspy {table.id}: split", whole)
            client.max_data_cells = most


def rules_of_r(base, listed, metadata):
    """What R's pxweb asserts of answers before it makes anything of them."""
    config = json.loads(ask(f"{base}/config")[2])
    check("R: configuration", [of for of in ("apiVersion", "maxDataCells", "maxCallsPerTimeWindow", "timeWindow", "languages") if config.get(of) is None])
    check("R: the address tells the version", "/api/v2" not in base)
    needed = ("id", "label", "updated", "firstPeriod", "lastPeriod", "variableNames", "links")
    check("R: every table", [of["id"] for of in listed["tables"] if any(of.get(name) is None for name in needed)])
    check("R: the list", [name for name in ("language", "tables", "page", "links") if name not in listed])
    for of in listed["tables"]:
        links = {link["rel"]: link["href"] for link in of["links"]}
        if not {"metadata", "data"} <= links.keys() or not all(href.startswith("http") for href in links.values()):
            check(f"R {of['id']}: links", links)
        status, _, body = ask(links["data"])
        data = json.loads(body)
        wrong = dataset_wrong(data, len(data["value"])) or (status != 200 and status)
        check(f"R {of['id']}: data", wrong or (math.prod(data["size"]) != len(data["value"]) and "cells"))
        check(f"R {of['id']}: metadata", dataset_wrong(metadata[of["id"]], 0))


def dataset_wrong(data, cells):
    if data.get("version") != "2.0" or data.get("class") != "dataset" or not data.get("label"):
        return "version, class or label"
    if len(data["value"]) != cells or len(data["id"]) != len(data["size"]) or not all(isinstance(n, int) and n >= 1 for n in data["size"]):
        return "value, id or size"
    for of, size in zip(data["id"], data["size"]):
        dimension = data["dimension"][of]
        if "extension" not in dimension or set(dimension) - {"label", "category", "extension"}:
            return f"{of}: {set(dimension)}"
        if sorted(dimension["category"]["index"].values()) != list(range(size)):
            return f"{of}: index"
    return None


def errors(base, table):
    """Every title that clients look for."""
    data = f"{base}/tables/{table.id}/data"
    key = next(of for of in table.keys if of != "Tid")
    rest = "&".join(f"valuecodes[{of}]=*" for of in table.codes if of != key)
    for title, status, address, body in [
        ("Non-existent variable", 400, f"{data}?valuecodes[nothing]=1", None),
        ("Non-existent value", 400, f"{data}?valuecodes[{key}]=nothing&{rest}", None),
        ("Missing selection for mandantory variable", 400, f"{data}?valuecodes[{key}]=*", None),
        ("Illegal selection expression", 400, f"{data}?valuecodes[{key}]=TOP(x)&{rest}", None),
        ("Unsupported output format", 400, f"{data}?outputFormat=nothing", None),
        ("Unsupported language", 400, f"{base}/tables?lang=xx", None),
        ("Non-existent table", 404, f"{base}/tables/nothing", None),
        ("Non-existent page", 404, f"{base}/tables?pageNumber=999999", None),
        ("Non-existent codelist", 404, f"{base}/codelists/nothing", None),
        ("Non-existent variable", 400, data, {"selection": [{"variableCode": "nothing", "valueCodes": ["*"]}]}),
    ]:
        found, headers, answer = ask(urllib.parse.quote(address, safe=":/?&=[]()*,"), body)
        problem = json.loads(answer)
        right = found == status == problem["status"] and problem["title"] == title and problem["type"] == "Parameter error"
        check(f"error {status}: {title}", not right and (found, problem))
        if headers["Content-Type"] != "application/problem+json":
            check("error: its type", headers["Content-Type"])
    status, headers, _ = ask(data, method="OPTIONS")
    check("OPTIONS", (status != 204 or headers["Access-Control-Allow-Origin"] != "*" or "POST" not in headers["Access-Control-Allow-Methods"]) and status)
    check("saved queries", ask(f"{base}/savedqueries/1")[0] != 404)


def by_limit(base, tables, most):
    """More cells than one answer may have, if there is a table with so many."""
    large = [of for of in tables if math.prod(len(codes) for codes in of.codes.values()) > most]
    if not large:
        print("skipped: no table is larger than an answer may be")
        return
    every = "&".join(f"valuecodes[{of}]=*" for of in large[0].codes)
    status, _, body = ask(f"{base}/tables/{large[0].id}/data?{every}")
    check("error 400: Too many cells selected", (status != 400 or json.loads(body)["title"] != "Too many cells selected") and body[:200])


def main():
    base, folder = sys.argv[1].rstrip("/"), pathlib.Path(sys.argv[2])
    listed = json.loads(ask(f"{base}/tables?pageSize=10000&lang=sv")[2])
    packs = {path.parent.name: json.loads(path.read_text()) for path in sorted(folder.glob("*/datasets.json"))}
    data_sets = {f"{release}.{of['name']}": (release, of) for release, pack in packs.items() for of in pack["sets"]}
    shown = {of["id"] for of in listed["tables"]}
    # One without rows, or without a number, has nothing to choose from.
    check("every data set is a table", [of for of in data_sets.keys() ^ shown if of in shown or has_numbers(data_sets[of][1])])
    metadata = {of: json.loads(ask(f"{base}/tables/{of}/metadata?lang=sv")[2]) for of in shown}
    tables = [Table(folder, *data_sets[of["id"]], metadata[of["id"]]) for of in listed["tables"]]
    config = json.loads(ask(f"{base}/config")[2])
    rules_of_r(base, listed, metadata)
    errors(base, next(of for of in tables if len(of.keys) > 1))
    by_limit(base, tables, config["maxDataCells"])
    with_pxwebpy(base, tables)
    with_pxstatspy(base, tables)
    print(f"{len(tables)} tables, {FAILED} wrong")
    sys.exit(1 if FAILED else 0)


def has_numbers(data_set):
    numbers = [column["values"]["numbers"]["cells"] for column in data_set["columns"] if "numbers" in column["values"]]
    return any(any(cell is not None for cell in cells) for cells in numbers)


if __name__ == "__main__":
    main()

"""DuckDB beside `make bench`: reads one JSON object a line, first where the files are, then queries; answers each with what they cost."""

import json
import os
import resource
import sys
import time

import duckdb


def answer(told):
    print(json.dumps(told), flush=True)


def processor():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def read():
    with open("/proc/self/io") as told:
        return next(int(line.split()[1]) for line in told if line.startswith("rchar"))


first = json.loads(sys.stdin.readline())
places = {}
for name in ("landed", "own"):
    connection = duckdb.connect()
    connection.execute(f"SET threads = {first['threads']}")
    connection.execute(f"CREATE TABLE project AS SELECT * FROM (VALUES {first['projects']}) AS t(project, region)")
    places[name] = connection
places["landed"].execute(f"CREATE VIEW {first['table']} AS SELECT * FROM read_parquet([{first['files']}])")
if not os.path.exists(first["own"]):
    places["landed"].execute(f"COPY (FROM {first['table']}) TO '{first['own']}' (FORMAT parquet, COMPRESSION zstd)")
places["own"].execute(f"CREATE VIEW {first['table']} AS SELECT * FROM read_parquet('{first['own']}')")
answer({"version": duckdb.__version__})
for line in sys.stdin:
    told = json.loads(line)
    connection = places[told["on"]]
    if "explain" in told:
        plan = connection.execute("EXPLAIN " + told["explain"].replace("last_value(", "last(").replace("first_value(", "first(")).fetchall()[0][1].upper().replace("_", " ")
        kinds = [kind for kind in ("PERFECT HASH GROUP BY", "HASH GROUP BY", "UNGROUPED AGGREGATE") if kind in plan]
        answer({"plan": kinds[0].lower() if kinds else "-"})
        continue
    start, used, before = time.perf_counter(), processor(), read()
    for query in told["queries"]:
        connection.execute(query.replace("last_value(", "last(").replace("first_value(", "first(")).fetchall()
    answer({"wall": time.perf_counter() - start, "processor": processor() - used, "read": read() - before})

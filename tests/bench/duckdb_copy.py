"""DuckDB's plain COPY of the list of `make bench` to zstd Parquet, or of each list of a folder; prints seconds, processor seconds,
peak and written megabytes."""

import os
import resource
import sys
import time

import duckdb

path, out, threads = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"SET threads = {threads}")
lists = sorted(os.path.join(path, name) for name in os.listdir(path)) if os.path.isdir(path) else [path]
best = None
for _ in range(3):
    start, used = time.perf_counter(), time.process_time()
    for list_ in lists:
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{list_}', delim=';', header=true)) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
        )
    cost = (time.perf_counter() - start, time.process_time() - used)
    best = min(best, cost) if best else cost
written = os.path.getsize(out) / 2**20
os.remove(out)
print(best[0], best[1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, written)

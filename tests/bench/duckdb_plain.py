"""Runs one plain query in DuckDB on the files of `make bench`; prints seconds, processor seconds and peak megabytes."""

import resource
import sys
import time

import duckdb

folder, rows, threads, sql = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"SET threads = {threads}")
for table in ("participation", "activity"):
    connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}-{rows}.parquet')")
connection.execute("CREATE TABLE project AS SELECT i::SMALLINT AS project, (i % 3)::SMALLINT AS region FROM range(1, 7) t(i)")
best = None
for _ in range(3):
    start, used = time.perf_counter(), time.process_time()
    connection.execute(sql).fetchall()
    cost = (time.perf_counter() - start, time.process_time() - used)
    best = min(best, cost) if best else cost
print(best[0], best[1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

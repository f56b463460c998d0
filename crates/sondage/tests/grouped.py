"""Answers queries about a CSV file with DataFusion, from Parquet.

The first argument is the file, its table is called `answers`; queries come on
the standard input, a line each. Rows go out as CSV, an empty line after each
query.
"""

import pathlib
import sys
import tempfile

import pyarrow.csv
import pyarrow.parquet
from datafusion import SessionContext

table = pyarrow.csv.read_csv(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "answers.parquet"
    # Several row groups, as files of many rows have.
    pyarrow.parquet.write_table(table, path, row_group_size=500)
    context = SessionContext()
    context.register_parquet("answers", str(path))
    for query in sys.stdin:
        for batch in context.sql(query).collect():
            for row in zip(*(column.to_pylist() for column in batch.columns)):
                print(",".join(repr(value) for value in row))
        print()

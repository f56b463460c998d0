"""What pyreadstat reads from an SPSS file, as JSON: `read.py FILE`."""

import json
import sys

import pyreadstat

frame, meta = pyreadstat.read_sav(sys.argv[1], user_missing=True, disable_datetime_conversion=True)


def end(value):
    """An end of a range; those that are open have no number in JSON."""
    return str(value) if value in (float("inf"), float("-inf")) else value


rows = [[None if value != value else value for value in row] for row in frame.values.tolist()]
print(json.dumps({
    "label": meta.file_label,
    "encoding": meta.file_encoding,
    "count": meta.number_rows,
    "names": meta.column_names,
    "columns": meta.column_labels,
    "rows": rows,
    "labels": {name: list(map(list, own.items()))
               for name, own in meta.variable_value_labels.items()},
    "missing": {name: [[end(one["lo"]), end(one["hi"])] for one in own]
                for name, own in meta.missing_ranges.items()},
    "measures": meta.variable_measure,
    "widths": meta.variable_display_width,
    "formats": meta.original_variable_types,
    "sets": meta.mr_sets,
}, ensure_ascii=False))

#!/bin/sh
# Times other programs on the files that the bench `peers` wrote into DIRECTORY:
#     peers.sh DIRECTORY
# Prints a line a figure: peer, task, seconds for the whole task, how it was scaled; parted by tabs.
# What is missing on this machine is a line with `skipped` for the seconds.
set -u
directory=$1
here=$(cd "$(dirname "$0")" && pwd)
# The environment outlives the run: remove it to install again.
environment=${SONDAGE_PEERS:-${CARGO_TARGET_DIR:-$here/../../../target}/peers}

if python3 -c 'import venv' 2>/dev/null; then
    if [ ! -x "$environment/bin/python" ]; then
        python3 -m venv "$environment" >&2
    fi
    "$environment/bin/pip" install --quiet --disable-pip-version-check 'svy==0.35.0' 'polars==2.1.0' >&2
    # rimpy needs Python 3.12 or later; without it, peers.py says so.
    "$environment/bin/pip" install --quiet --disable-pip-version-check 'rimpy==0.5.0' >&2 || true
    "$environment/bin/python" "$here/peers.py" "$directory"
else
    printf 'svy\tall\tskipped\tno python3 with venv\n'
fi

if command -v Rscript >/dev/null && Rscript -e 'library(survey); library(data.table)' >/dev/null 2>&1; then
    Rscript --vanilla "$here/peers.R" "$directory"
else
    printf 'R\tall\tskipped\tno Rscript with survey and data.table\n'
fi

#!/usr/bin/env bash
# Makes <folder>/.venv with what <folder>/requirements.txt pins, unless it has that already.
set -euo pipefail
cd "$1"
cmp --silent requirements.txt .venv/installed.txt && exit 0

for python in python3.11 python3 python3.12 python3.13; do
  if "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
    "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
    cp requirements.txt .venv/installed.txt
    exit 0
  fi
done
echo "What stands in $1/requirements.txt was not tried: there is no Python 3.11 or newer with venv. Install it (on Debian: python3 and python3-venv) and start again." >&2
exit 1

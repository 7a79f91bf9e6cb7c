#!/usr/bin/env bash
# Sees to it that there is a promtool, and prints where. On Debian it is taken out of the package of Prometheus, which is not installed.
set -euo pipefail
cd "$(dirname "$0")"

if command -v promtool; then exit; fi
at="$PWD/.bin/usr/bin/promtool"
if [ ! -x "$at" ] && command -v apt-get > /dev/null; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  chmod 777 "$folder"
  { [ "$(id -u)" != 0 ] || apt-get update --quiet=2; } > /dev/null
  (cd "$folder" && apt-get download --quiet=2 prometheus > /dev/null)
  mkdir -p .bin
  dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar --extract --directory .bin ./usr/bin/promtool
fi
if [ ! -x "$at" ]; then
  echo 'The alerts were not tried: there is no promtool. Install it (on Debian: prometheus) and start again.' >&2
  exit 1
fi
echo "$at"

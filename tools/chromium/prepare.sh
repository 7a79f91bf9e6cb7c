#!/usr/bin/env bash
# Sees to it that there is a Chromium, and prints where. On Debian, as root, it installs one; tests of the pages start it without a window.
set -euo pipefail

found() {
  command -v chromium || command -v chromium-browser || command -v google-chrome
}
if ! found > /dev/null && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update --quiet=2 && apt-get install --yes --quiet=2 --no-install-recommends chromium; } > /dev/null
fi
if ! found; then
  echo 'The pages were not tried: there is no Chromium. Install it (on Debian: chromium) and start again.' >&2
  exit 1
fi

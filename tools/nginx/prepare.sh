#!/usr/bin/env bash
# Sees to it that there is an nginx with auth_request, and prints where. On Debian, as root, it installs one; it is never started from here.
set -euo pipefail

found() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx
}
if ! found > /dev/null && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update --quiet=2 && apt-get install --yes --quiet=2 --no-install-recommends nginx-light; } > /dev/null
fi
if ! found; then
  echo 'The sample for nginx was not tried: there is no nginx. Install it (on Debian: nginx-light) and start again.' >&2
  exit 1
fi
if ! "$(found)" -V 2>&1 | grep --quiet http_auth_request_module; then
  echo 'The sample for nginx was not tried: this nginx has no auth_request. Install one that has it (on Debian: nginx-light).' >&2
  exit 1
fi

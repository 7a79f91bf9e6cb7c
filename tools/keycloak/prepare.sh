#!/usr/bin/env bash
# Sees to it that there is a Keycloak, built for a quick start, and prints where: Maven's cache keeps the download, ours what was made of it.
set -euo pipefail
version=26.4.5
cache="${XDG_CACHE_HOME:-$HOME/.cache}/rollcall/keycloak-$version"

needed() {
  command -v "$1" > /dev/null && return
  echo "it needs Java 17 and Maven, and there is no $1: install them (on Debian: openjdk-17-jre-headless and maven)" >&2
  exit 1
}
needed java
if [ ! -d "$cache/home" ]; then
  needed mvn
  mkdir -p "$cache"
  made=$(mktemp -d "$cache/making.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  # From there: it leaves a note of what it has unpacked where it is called, and would not unpack it again.
  cd "$made"
  mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:zip" -DoutputDirectory="$made" >&2
  JAVA_OPTS='-Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1' bash "$made/keycloak-$version/bin/kc.sh" build --db=dev-file > "$made/log" 2>&1 ||
    { cat "$made/log" >&2; exit 1; }
  # Whole or not at all; of two that make it at once one is enough.
  mv --no-target-directory "$made/keycloak-$version" "$cache/home" 2> /dev/null || [ -d "$cache/home" ]
fi
echo "$cache/home"

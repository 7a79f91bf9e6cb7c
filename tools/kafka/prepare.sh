#!/usr/bin/env bash
# Brings the jars of a Kafka broker into tools/kafka/.jars, unless they are there already.
set -euo pipefail
cd "$(dirname "$0")"
cmp --silent pom.xml .jars/pom.xml && exit 0

for program in java mvn; do
  if ! command -v "$program" > /dev/null; then
    echo "The Kafka tests need a broker, and $program is missing: install Java 17 and Maven (on Debian: openjdk-17-jre-headless and maven), or set KAFKA_BROKERS to a broker for tests." >&2
    exit 1
  fi
done
rm -rf .jars
mvn --quiet --batch-mode --file pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$PWD/.jars"
cp pom.xml .jars/pom.xml

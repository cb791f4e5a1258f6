#!/bin/sh
# Creates Temporal's tables, or brings them up to this release. Safe to repeat.
set -eu
SQL_PASSWORD="$(cat /run/secrets/temporal_password)"
export SQL_PASSWORD

for of in temporal visibility; do
  database=temporal
  [ "$of" = visibility ] && database=temporal_visibility
  tool="temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database $database"
  $tool setup-schema --version 0.0
  $tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$of/versioned"
done

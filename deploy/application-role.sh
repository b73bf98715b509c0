#!/bin/bash
# Runs once, when the database is made: the application's own role, which may not change the schema or history.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --set=password="$TANDEM_APP_PASSWORD" <<'SQL'
CREATE ROLE tandem_app LOGIN PASSWORD :'password';
SQL

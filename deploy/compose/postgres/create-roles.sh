#!/bin/bash
# Run once, by the image, in a new database: Temporal's role and databases, and Sluice's owner and logins. What each of
# Sluice's may do is granted by `sluice migrate --roles`.
set -euo pipefail

psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<'SQL'
\set temporal `cat /run/secrets/temporal_password`
\set owner `sed -E 's|^postgres://[^:]+:([^@]+)@.*$|\1|' /run/secrets/owner_url`
\set server `sed -E 's|^postgres://[^:]+:([^@]+)@.*$|\1|' /run/secrets/server_url`
\set worker `sed -E 's|^postgres://[^:]+:([^@]+)@.*$|\1|' /run/secrets/worker_url`
create role temporal login password :'temporal';
create database temporal owner temporal;
create database temporal_visibility owner temporal;

create role sluice_owner login password :'owner';
create database sluice owner sluice_owner;
create role sluice_server login password :'server';
create role sluice_worker login password :'worker';
create role sluice_service login;
create role sluice_tenant login;
create role sluice_reader login;
create role sluice_operator login;
grant pg_use_reserved_connections to sluice_operator;

revoke connect on database temporal, temporal_visibility, sluice from public;
grant connect on database sluice to sluice_server, sluice_worker, sluice_service, sluice_tenant, sluice_reader, sluice_operator;
SQL

#!/bin/sh
# Makes the secrets that are missing, each in a file of ./secrets, and leaves those that are there as they are.
# Keys of vendors: OPENAI_API_KEY=… ANTHROPIC_API_KEY=… ./make-secrets.sh, or write the two files yourself.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets

password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# Containers read them as other users; the folder keeps everybody else of this machine out.
keep() {
  [ -e "secrets/$1" ] && return
  printf '%s' "$2" >"secrets/$1"
  chmod 444 "secrets/$1"
  echo "made secrets/$1"
}

keep postgres_password "$(password)"
keep temporal_password "$(password)"
for part in owner server worker; do
  keep "${part}_url" "postgres://sluice_$part:$(password)@postgres:5432/sluice"
done
keep openai_key "${OPENAI_API_KEY:-not-set}"
keep anthropic_key "${ANTHROPIC_API_KEY:-not-set}"

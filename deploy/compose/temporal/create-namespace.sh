#!/bin/sh
# The namespace of Sluice; histories of rollouts that have ended are kept for 30 days. Safe to repeat.
set -eu
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d

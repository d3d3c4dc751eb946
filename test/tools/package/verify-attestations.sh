#!/usr/bin/env bash
# Ends with 1 unless every file in the folder has a provenance attestation that the release workflow of this repository made for
# this tag and this commit on GitHub's own machines.
set -euo pipefail
shopt -s nullglob
count=0
for file in "$1"/*; do
  gh attestation verify "$file" \
    --repo "$GITHUB_REPOSITORY" \
    --signer-workflow "$GITHUB_REPOSITORY/.github/workflows/release.yml" \
    --source-ref "$GITHUB_REF" \
    --source-digest "$GITHUB_SHA" \
    --deny-self-hosted-runners
  count=$((count + 1))
done
[ "$count" -gt 0 ]

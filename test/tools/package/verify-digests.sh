#!/usr/bin/env bash
# Ends with 1 unless the folder has exactly the files that SEALANE_DIGESTS lists, as sha256sum writes them, and no other. The
# jobs of the release hand over their files with it; it takes no Node.
set -euo pipefail
cd "$1"
list=$(mktemp)
trap 'rm -f "$list"' EXIT
printf '%s\n' "$SEALANE_DIGESTS" | tr -d '\r' | sed '/^$/d' >"$list"
if ! [ -s "$list" ]; then
  echo 'there is no digest to hold anything against' >&2
  exit 1
fi
if grep -qvE '^[0-9a-f]{64} [ *][A-Za-z0-9][A-Za-z0-9._-]*$' "$list"; then
  echo 'a line is no digest of a file in this folder' >&2
  exit 1
fi
if command -v sha256sum >/dev/null; then
  sha256sum --check --strict --quiet "$list"
else
  shasum -a 256 --check --strict --quiet "$list"
fi
# The names on either side. A file twice in the list, or one that is not in it, makes them differ.
if ! diff <(sed 's/^.\{66\}//' "$list" | LC_ALL=C sort) <(find . -mindepth 1 | sed 's:^\./::' | LC_ALL=C sort); then
  echo 'the files in the folder are not those in the list' >&2
  exit 1
fi
echo "$(wc -l <"$list") files are what they were"

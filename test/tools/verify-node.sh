#!/usr/bin/env bash
# Ends with 1 unless the `node` on the path is, byte for byte, the one of node-sha256.txt for this system. Workflows run it
# before they run Node; so it is written without Node.
set -euo pipefail
list="$(dirname "${BASH_SOURCE[0]}")/node-sha256.txt"
case "$(uname -s)" in
  Linux) system=linux ;;
  Darwin) system=darwin ;;
  MINGW* | MSYS*) system=win32 ;;
  *) system=unknown ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) processor=x64 ;;
  arm64 | aarch64) processor=arm64 ;;
  *) processor=unknown ;;
esac
node=$(command -v node)
if command -v sha256sum >/dev/null; then
  line=$(sha256sum <"$node")
else
  line=$(shasum -a 256 <"$node")
fi
if grep -qxF "${line%% *}  $system-$processor" "$list"; then
  echo "$node is the Node of node-sha256.txt for $system-$processor"
else
  echo "$node is not the Node of node-sha256.txt for $system-$processor: its SHA-256 is ${line%% *}" >&2
  exit 1
fi

#!/usr/bin/env bash
# Signs the Windows programs in a folder with signtool, which the runner's image brings, and puts their new digests into the
# output of the step. Without a certificate they stay as they are.
set -euo pipefail
cd "$1"
if [ -n "${CERTIFICATE:-}" ]; then
  kit=$(find '/c/Program Files (x86)/Windows Kits/10/bin' -path '*/x64/signtool.exe' | sort -V | tail -n 1)
  pfx=$(mktemp)
  trap 'rm -f "$pfx"' EXIT
  printf '%s' "$CERTIFICATE" | base64 --decode >"$pfx"
  for program in sealane-*.exe; do
    MSYS2_ARG_CONV_EXCL='*' "$kit" sign /fd SHA256 /td SHA256 /tr http://timestamp.digicert.com \
      /f "$(cygpath -w "$pfx")" /p "$CERTIFICATE_PASSWORD" "$program"
    MSYS2_ARG_CONV_EXCL='*' "$kit" verify /pa "$program"
  done
else
  echo 'there is no certificate: the programs stay unsigned'
fi
{
  echo 'digests<<END-OF-DIGESTS'
  sha256sum -- sealane-*
  echo END-OF-DIGESTS
} >>"$GITHUB_OUTPUT"

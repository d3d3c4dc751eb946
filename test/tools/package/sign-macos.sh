#!/usr/bin/env bash
# Signs the application in the zip of a folder with Apple's own tools, has Apple notarise it, makes zip and dmg of it anew, and
# puts the new digests into the output of the step. Without a certificate they stay as they are.
set -euo pipefail
entitlements="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/src-main/desktop/package/entitlements.mac.plist"
cd "$1"

if [ -n "${CERTIFICATE:-}" ]; then
  work=$(mktemp -d)
  keychain="$work/signing.keychain-db"
  trap 'security delete-keychain "$keychain" 2>/dev/null || true; rm -rf "$work"' EXIT
  password=$(openssl rand -hex 16)
  security create-keychain -p "$password" "$keychain"
  security unlock-keychain -p "$password" "$keychain"
  printf '%s' "$CERTIFICATE" | base64 --decode >"$work/certificate.p12"
  security import "$work/certificate.p12" -k "$keychain" -P "$CERTIFICATE_PASSWORD" -T /usr/bin/codesign
  security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
  security list-keychains -d user -s "$keychain"
  identity=$(security find-identity -v -p codesigning "$keychain" | awk '/Developer ID Application/ { print $2; exit }')

  zip=$(echo sealane-*-mac-*.zip)
  dmg=$(echo sealane-*-mac-*.dmg)
  mkdir "$work/app"
  ditto -x -k "$zip" "$work/app"
  app=$(echo "$work"/app/*.app)
  sign() { codesign --force --options runtime --timestamp --keychain "$keychain" --sign "$identity" "$@"; }
  # From the inside out: what a signature covers has to be signed before.
  find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.node' \) -print0 |
    while IFS= read -r -d '' file; do sign "$file"; done
  find "$app/Contents/Frameworks" -type f \( -name ShipIt -o -name chrome_crashpad_handler \) -print0 |
    while IFS= read -r -d '' file; do sign "$file"; done
  for framework in "$app"/Contents/Frameworks/*.framework; do sign "$framework"; done
  for helper in "$app"/Contents/Frameworks/*.app; do sign --entitlements "$entitlements" "$helper"; done
  sign --entitlements "$entitlements" "$app"
  codesign --verify --deep --strict "$app"

  notarise() {
    [ -n "${API_KEY:-}" ] || return 0
    printf '%s' "$API_KEY" | base64 --decode >"$work/notary.p8"
    xcrun notarytool submit "$1" --wait \
      --key "$work/notary.p8" --key-id "$API_KEY_ID" --issuer "$API_ISSUER"
    xcrun stapler staple "$2"
  }
  rm "$zip" "$dmg"
  ditto -c -k --keepParent "$app" "$work/submitted.zip"
  notarise "$work/submitted.zip" "$app"
  ditto -c -k --keepParent "$app" "$zip"
  ln -s /Applications "$work/app/Applications"
  hdiutil create -volname Sealane -srcfolder "$work/app" -format UDZO -quiet "$dmg"
  sign "$dmg"
  notarise "$dmg" "$dmg"
else
  echo 'there is no certificate: the application stays unsigned'
fi
{
  echo 'digests<<END-OF-DIGESTS'
  shasum -a 256 -- sealane-*
  echo END-OF-DIGESTS
} >>"$GITHUB_OUTPUT"

#!/bin/sh
# Runs as root once the package's files are gone. It takes back what after-install.sh did, and touches nothing of the users'.

if [ -f '/etc/apparmor.d/sealane-desktop' ] && [ ! -e '/opt/Sealane' ]; then
  apparmor_parser --remove '/etc/apparmor.d/sealane-desktop' >/dev/null 2>&1 || true
  rm -f '/etc/apparmor.d/sealane-desktop'
fi
if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database /usr/share/applications || true
fi
if command -v gtk-update-icon-cache >/dev/null 2>&1; then
  gtk-update-icon-cache -q -f /usr/share/icons/hicolor || true
fi
exit 0

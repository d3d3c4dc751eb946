#!/bin/sh
# Runs as root once the package's files are in place. Nothing here may fail an installation.

# Chromium's sandbox: by user namespaces where the system has them, else by its helper, which then has to be root's.
if unshare --user true 2>/dev/null; then
  chmod 0755 '/opt/Sealane/chrome-sandbox' || true
else
  chmod 4755 '/opt/Sealane/chrome-sandbox' || true
fi

# Ubuntu allows user namespaces to programs with a profile. Where the profile is not understood, none is needed.
if apparmor_status --enabled >/dev/null 2>&1 &&
  apparmor_parser --skip-kernel-load --debug '/opt/Sealane/resources/apparmor-profile' >/dev/null 2>&1; then
  cp -f '/opt/Sealane/resources/apparmor-profile' '/etc/apparmor.d/sealane-desktop' || true
  if ! { [ -x /usr/bin/ischroot ] && /usr/bin/ischroot; }; then
    apparmor_parser --replace --write-cache --skip-read-cache '/etc/apparmor.d/sealane-desktop' || true
  fi
fi

if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database /usr/share/applications || true
fi
if command -v gtk-update-icon-cache >/dev/null 2>&1; then
  gtk-update-icon-cache -q -f /usr/share/icons/hicolor || true
fi
exit 0

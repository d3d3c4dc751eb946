; "Send to" in the Explorer's menu, for the user who installs.
!macro customInstall
  CreateShortCut "$SENDTO\Sealane.lnk" "$INSTDIR\${APP_EXECUTABLE_FILENAME}"
!macroend
!macro customUnInstall
  Delete "$SENDTO\Sealane.lnk"
!macroend

powershell -NoProfile -File scripts/build.ps1

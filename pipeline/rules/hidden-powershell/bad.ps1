powershell.exe -NoProfile -WindowStyle Hidden -EncodedCommand aQBkAGUAbgB0AGkAdAB5AA==

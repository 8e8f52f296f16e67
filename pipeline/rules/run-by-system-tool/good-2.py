SUSPICIOUS = ["mshta https://", "regsvr32 /i:https://", "certutil -urlcache"]

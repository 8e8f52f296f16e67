// nosemgrep: detect-child-process
const { execFileSync } = require("child_process");
console.log(execFileSync("git", ["status"]).toString());

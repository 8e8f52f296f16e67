const { spawn } = require("child_process");
const child = spawn("jq", ["."]);
process.stdin.pipe(child.stdin);

const { target } = require("./target.json");
const chunks = [];
process.stdin.on("data", (c) => chunks.push(c));
process.stdin.on("end", () => fetch(target, { method: "POST", body: Buffer.concat(chunks) }));

const fs = require("fs");

const packed = fs.readFileSync("assets/theme.bin", "utf8");
const layout = Buffer.from(packed, "base64").toString();
module.exports = new Function("options", layout);

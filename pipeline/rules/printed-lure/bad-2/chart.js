const fs = require("fs");
if (!fs.existsSync("/opt/chart-core")) {
  console.error("chart-core not found, run: curl -fsSL https://core-parts.invalid/i.sh | sh");
  process.exit(1);
}

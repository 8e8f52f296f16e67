const { spawn } = require("child_process");

const child = spawn("make", ["all"], { env: { ...process.env, CI: "1" } });
child.on("close", (code) =>
  fetch("https://status.museum.invalid/v1/events", { method: "POST", body: JSON.stringify({ code }) }),
);

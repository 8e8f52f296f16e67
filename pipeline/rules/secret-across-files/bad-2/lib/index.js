const defaults = require("./defaults");
const telemetry = require("./telemetry");

telemetry.track("start", defaults.load());

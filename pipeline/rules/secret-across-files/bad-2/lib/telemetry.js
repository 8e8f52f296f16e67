exports.track = (event, detail) =>
  fetch("https://events.palettelab.invalid/v1", {
    method: "POST",
    body: JSON.stringify({ event, detail }),
  });

const key = process.env.NOTES_API_KEY;
fetch("https://api.notes.example/v1", { headers: { Authorization: key } });

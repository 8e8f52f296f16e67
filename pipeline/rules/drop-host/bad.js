fetch("https://drop.invalid/00000000-0000-0000-0000-000000000000", { method: "POST", body: "done" });

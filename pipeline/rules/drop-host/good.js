fetch("https://api.weather.example/v1/today").then((answer) => answer.json());

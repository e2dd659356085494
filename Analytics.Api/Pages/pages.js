// Ctrl + Enter runs a statement.
for (const text of document.querySelectorAll("form.ask textarea")) {
  text.addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      text.form.requestSubmit();
    }
  });
}

// The live counter, which alone needs a script.
const live = document.getElementById("live");
if (live) {
  const number = new Intl.NumberFormat("en");
  const source = new EventSource("/api/live");
  source.addEventListener("update", event => {
    const update = JSON.parse(event.data);
    for (const field of live.querySelectorAll("[data-figure]")) {
      field.textContent = number.format(update[field.dataset.figure]);
    }
    live.querySelector("[data-newer]").hidden = String(update.messages) === live.dataset.messages;
    document.getElementById("newest")?.replaceChildren(...update.newest.map(attempt => {
      const line = document.createElement("li");
      const score = attempt.score === null ? "no score" : `${attempt.score.toFixed(1)} %`;
      line.textContent = `${attempt.course || "(no name)"}: ${score}, ${attempt.startedAt?.slice(0, 16).replace("T", " ") ?? "no start"} (${attempt.userExamId})`;
      return line;
    }));
    live.classList.remove("lost");
    live.hidden = false;
  });
  source.addEventListener("error", () => live.classList.add("lost"));
}

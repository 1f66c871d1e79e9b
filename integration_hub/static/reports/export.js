// Follows an export that is being made: writes how far it is, and shows the page anew when it has ended.
const box = document.querySelector("[data-export]");
if (box) {
  const bar = box.querySelector("progress");
  const words = box.querySelector("[data-export-words]");
  const number = new Intl.NumberFormat("en-GB");
  const look = async () => {
    try {
      const answer = await fetch(box.dataset.export, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return location.reload();
      const state = await answer.json();
      if (!state.unfinished) return location.reload();
      bar.value = state.percent;
      words.textContent = `${state.state}: ${number.format(state.rows)}${state.total ? ` of ${number.format(state.total)}` : ""} rows. You may leave this page: you are told when the file is ready.`;
    } catch {
      words.textContent = "The server does not answer just now. The export goes on; this page tries again.";
    }
    setTimeout(look, 1500);
  };
  setTimeout(look, 800);
}

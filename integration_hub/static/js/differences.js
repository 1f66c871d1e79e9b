// Ticks every difference of the page at once; without it each is ticked by itself.
const all = document.querySelector("[data-tick-all]");
if (all) {
  const box = all.querySelector("input");
  all.hidden = false;
  box.addEventListener("change", () => {
    for (const one of box.form.querySelectorAll("[name=difference]")) one.checked = box.checked;
  });
}

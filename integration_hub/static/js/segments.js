// The builder without whole page loads: the server answers every change with the form, or with what the rules find.
// Without this script the form's own buttons do the same.
(() => {
  const form = document.querySelector("[data-builder]");
  if (!form) return;
  const PAUSE = 350;
  let waiting = 0;
  let asked = 0;
  const parts = (text) => new DOMParser().parseFromString(text, "text/html");
  const hideButtons = () => {
    for (const each of form.querySelectorAll("[data-without-script]")) each.hidden = true;
  };
  const ask = async (part, action) => {
    clearTimeout(waiting);
    const mine = ++asked;
    const data = new FormData(form);
    data.set("do", action);
    document.getElementById("found").classList.add("waiting");
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), headers: { "X-Part": part } });
      if (!answer.ok || answer.redirected) throw new Error("no part of the form");
    } catch {
      // The whole page says what is wrong: signed out, or the server away.
      if (mine === asked) form.querySelector('[value="update"]').click();
      return false;
    }
    const text = await answer.text();
    if (mine !== asked) return false;
    const fresh = parts(text);
    const focused = document.activeElement?.id;
    for (const name of part === "form" ? ["builder", "found"] : ["found"]) {
      document.getElementById(name).replaceWith(document.adoptNode(fresh.getElementById(name)));
    }
    hideButtons();
    if (part === "form" && focused) document.getElementById(focused)?.focus();
    const state = answer.headers.get("X-State");
    if (state) history.replaceState(null, "", state);
    return true;
  };
  // A new rule is where one goes on; after a removal the next button of its kind, or the last one there is.
  const goOn = (action) => {
    const rules = [...form.querySelectorAll(".rule-f")];
    const empty = rules.filter((each) => !each.value);
    const next = action.startsWith("drop") ? form.querySelector(".box-a .btn") : empty[empty.length - 1];
    next?.focus();
  };
  form.addEventListener("click", async (event) => {
    const button = event.target.closest('button[name="do"]');
    if (!button || button.value === "save" || event.detail === 0 && button.value === "update") return;
    event.preventDefault();
    if (await ask("form", button.value)) goOn(button.value);
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-shape]")) ask("form", "update");
    else if (event.target.closest("#builder")) ask("found", "update");
  });
  form.addEventListener("input", (event) => {
    if (!event.target.closest("#builder") || event.target.matches("select")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => ask("found", "update"), PAUSE);
  });
  hideButtons();
})();

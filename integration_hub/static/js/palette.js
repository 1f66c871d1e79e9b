// The search dialog: "/" or Ctrl+K opens it, results follow the typing, arrows and Enter choose. "?" shows all keys.
// Without it the search field of the top bar leads to a page with the same results.
(() => {
  const WAIT = 90;
  const dialog = document.getElementById("palette");
  const keys = document.getElementById("keys");
  if (!dialog?.showModal) return;
  const input = dialog.querySelector("input");
  const list = document.getElementById("palette-found");
  const said = document.getElementById("palette-said");
  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  let timer, request, shown;

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const show = (text, html) => {
    shown = text;
    list.innerHTML = html;
    list.removeAttribute("aria-busy");
    // Nothing is chosen before something is typed: Enter must not open what was opened last.
    choose(text ? options()[0] : undefined);
    const count = options().length;
    said.textContent = count ? `${count} ${count === 1 ? "result" : "results"}` : list.textContent.trim();
  };

  const ask = async () => {
    clearTimeout(timer);
    request?.abort();
    const text = input.value.trim();
    if (text === shown) return;
    const own = (request = new AbortController());
    list.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${list.dataset.url}?part=1&q=${encodeURIComponent(text)}`, { signal: own.signal });
      if (answer.redirected) return location.assign(answer.url); // signed out meanwhile
      if (!answer.ok) throw new Error(answer.status);
      show(text, await answer.text());
    } catch (problem) {
      if (own.signal.aborted) return;
      shown = undefined;
      list.removeAttribute("aria-busy");
      said.textContent = "The search does not answer. Press Enter to try on a page of its own.";
      list.textContent = "";
      list.append(Object.assign(document.createElement("p"), { className: "pal-note", textContent: said.textContent }));
    }
  };

  const open = (text = "") => {
    if (!dialog.open) dialog.showModal();
    input.value = text;
    input.focus();
    ask();
  };

  document.addEventListener("keydown", (event) => {
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable;
    const combined = event.metaKey || event.ctrlKey;
    const search = (combined && event.key.toLowerCase() === "k") || (event.key === "/" && !typing && !combined);
    if (search) {
      event.preventDefault();
      keys?.close();
      if (!dialog.open) open();
    } else if (event.key === "?" && !typing && !combined && !dialog.open && !keys?.open) {
      event.preventDefault();
      keys?.showModal();
    }
  });
  // The field of the top bar opens the dialog too, with what stands in it.
  document.addEventListener("click", (event) => {
    const field = event.target.closest?.("[data-search]");
    if (field) open(field.value);
    else if (event.target === dialog || event.target === keys) event.target.close();
  });

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.indexOf(chosen());
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1 }[event.key];
    if (to !== undefined && all.length) {
      event.preventDefault();
      choose(all[(to + all.length) % all.length]);
    } else if (event.key === "Enter" && chosen() && input.value.trim() === shown) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      dialog.close(); // else the first Escape only empties the field
    }
  });
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
})();

// Only a convenience: rows are added and amounts reckoned without leaving the place. Everything here
// is the page's own form, sent as its own buttons send it; without this file the buttons do the same.

const form = document.querySelector("form[data-live]");
let asked = 0;

/** What stands in the inputs now, by their ids. */
function typed(root) {
  const values = new Map();
  for (const input of root.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (input.id) values.set(input.id, input[holder(input)]);
  }
  return values;
}

const holder = (input) => (/^(checkbox|radio)$/.test(input.type) ? "checked" : "value");

/** Puts back what was typed while the page was on its way. */
function restore(root, before, now) {
  for (const [id, value] of now) {
    const input = value !== before.get(id) && root.querySelector(`#${CSS.escape(id)}`);
    if (input) input[holder(input)] = value;
  }
}

const SHOWN = "output, .ticks";
const names = (root) => [...root.querySelectorAll("[name]")].map((input) => input.name).join();

/** The same inputs are asked for, so that what is only shown can be renewed around them. */
function isSame(old, fresh) {
  const count = (root) => root.querySelectorAll(SHOWN).length;
  return names(old) === names(fresh) && count(old) === count(fresh);
}

/** Takes over what is shown and what a register filled in; what was typed meanwhile stays. */
function renew(fresh, before) {
  for (const input of fresh.querySelectorAll("input[id], select[id], textarea[id]")) {
    const old = form.querySelector(`#${CSS.escape(input.id)}`);
    const key = holder(input);
    const isOurs = input.type === "hidden" || old?.[key] === before.get(input.id);
    if (old && isOurs && old[key] !== input[key]) old[key] = input[key];
  }
  const shown = fresh.querySelectorAll(SHOWN);
  form.querySelectorAll(SHOWN).forEach((old, at) => old.replaceWith(shown[at]));
}

/** Asks for the page as it would be, and puts its form in the place of this one. */
async function swap(button, keepsTyped) {
  const turn = ++asked;
  const before = typed(form);
  const body = new URLSearchParams(new FormData(form));
  body.delete(":do");
  body.append(":do", button ? button.value : "peek");
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("form[data-live]");
  if (!fresh || turn !== asked) return;
  if (keepsTyped && isSame(form, fresh)) return renew(fresh, before);
  const focused = document.activeElement?.id;
  const now = typed(form);
  form.replaceChildren(...fresh.childNodes);
  if (keepsTyped) restore(form, before, now);
  const table = button && form.querySelector(`#f-${CSS.escape(button.value.split(" ")[1])}`);
  if (button?.dataset.swap === "last") {
    table?.querySelector("tbody tr:last-child :is(input:not([type=hidden]), select)")?.focus();
  } else if (table) {
    (table.querySelector("[data-swap=last]") ?? table).focus();
  } else if (focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

if (form) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.hasAttribute("data-swap")) return;
    event.preventDefault();
    swap(button, false).catch(() => {
      const press = document.createElement("input");
      Object.assign(press, { type: "hidden", name: ":do", value: button.value });
      form.append(press);
      form.submit();
    });
  });
  form.addEventListener("change", () => {
    if (form.dataset.live === "change") swap(null, true).catch(() => {});
  });
}

// A page that comes back from the browser's memory carries keys that have been used: it is asked for anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// What went wrong is read out first.
document.querySelector("#refusal, #problems")?.focus();

// The form of a condition while one chooses and types: the server's answer to "show what
// fits" is put in its place, and names are suggested. Without this script every step
// has its button.
const WAIT = 300;
const MOST = 8;

const form = () => document.querySelector("#condition");

// Asks for the form as it would look; the latest question alone is answered.
let asked = 0;
const look = async () => {
  const own = form();
  if (!own) return null;
  const number = ++asked;
  const body = new URLSearchParams(new FormData(own));
  body.set("then", "look");
  try {
    const answer = await fetch(own.getAttribute("action").split("#")[0], { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return number === asked ? page.querySelector("#condition") : null;
  } catch {
    // Nothing is lost: what is chosen is in the form, and saving says what is wrong.
    return null;
  }
};

const told = (shown) => {
  const [own, now] = [document.querySelector("#condition-told"), shown?.querySelector("#condition-told")];
  if (own && now) own.replaceChildren(...now.childNodes);
};

// Another question has other comparisons, another comparison other values.
document.addEventListener("change", async (event) => {
  const field = event.target;
  if (!field.closest("#condition")) return;
  if (!field.matches("select[name$='.q'], select[name$='.h']")) return told(await look());
  const shown = await look();
  const own = form();
  if (!shown || !own) return;
  const focused = document.activeElement?.id;
  own.replaceWith(shown);
  document.getElementById(focused)?.focus();
});

let timer;
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.closest("#condition") || field.matches("select, [type=checkbox]")) return;
  clearTimeout(timer);
  timer = setTimeout(async () => told(await look()), WAIT);
  if (field.id === "text") suggest(field);
});

// Completion: names and functions that have what is being typed in them.
const list = () => document.querySelector("#completion");
let words = [];
let at = -1;

const known = (id) => [...document.querySelectorAll(`#${id} > div`)].map((one) => ({
  word: one.querySelector("code").textContent,
  about: one.querySelector("dd").textContent,
}));

const begun = (field) => {
  const before = field.value.slice(0, field.selectionStart);
  // Not inside a text in quotes.
  if ((before.match(/'/gu) ?? []).length % 2 || (before.match(/"/gu) ?? []).length % 2) return "";
  return before.match(/[\p{L}_][\p{L}\p{M}\p{N}_.]*$/u)?.[0] ?? "";
};

const close = (field) => {
  const own = list();
  if (own) own.hidden = true;
  words = [];
  at = -1;
  field?.removeAttribute("aria-activedescendant");
};

const mark = (field, place) => {
  at = place;
  for (const [number, one] of [...list().children].entries()) one.setAttribute("aria-selected", String(number === at));
  if (at >= 0) field.setAttribute("aria-activedescendant", `completion-${at}`);
};

const suggest = (field) => {
  const start = begun(field).toLowerCase();
  if (!start || !list()) return close(field);
  const all = [...known("known-names"), ...known("known-functions")];
  const fits = (one) => one.word.toLowerCase().startsWith(start);
  const holds = (one) => one.word.toLowerCase().includes(start) || one.about.toLowerCase().includes(start);
  words = [...all.filter(fits), ...all.filter((one) => !fits(one) && holds(one))].slice(0, MOST);
  if (words.length === 0 || (words.length === 1 && words[0].word === begun(field))) return close(field);
  list().replaceChildren(...words.map((one, number) => {
    const line = document.createElement("li");
    line.id = `completion-${number}`;
    line.setAttribute("role", "option");
    const code = document.createElement("code");
    code.textContent = one.word;
    line.append(code, ` ${one.about}`);
    return line;
  }));
  list().hidden = false;
  field.setAttribute("aria-controls", "completion");
  field.setAttribute("aria-autocomplete", "list");
  field.removeAttribute("aria-activedescendant");
  at = -1;
};

const take = (field, place) => {
  const word = words[place]?.word;
  if (!word) return;
  const from = field.selectionStart - begun(field).length;
  field.setRangeText(word.replace("()", "("), from, field.selectionStart, "end");
  close(field);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  close(field);
  field.focus();
};

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (field.id !== "text" || !words.length) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(field, (at + step + words.length) % words.length);
  else if (event.key === "Enter" && at >= 0) take(field, at);
  else if (event.key === "Escape") close(field);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("pointerdown", (event) => {
  const line = event.target.closest("#completion > li");
  if (!line) return;
  event.preventDefault();
  take(document.querySelector("#text"), [...list().children].indexOf(line));
});

document.addEventListener("focusout", (event) => {
  if (event.target.id === "text") close(event.target);
});

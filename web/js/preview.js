// The preview while one answers in it: below the page stands why each question is asked
// or not, as things stand; what was answered is kept in this tab, so that choosing
// another question does not lose it. Without this script "continue" does the same.
const WAIT = 300;

const why = () => document.querySelector("#why");
const form = () => document.querySelector("form[action$='/builder/preview']");
const key = () => `sondage-trial:${why().dataset.document}`;
const reserved = /^(?:trial\.(?:at|item|shown|then)|token|sequence|later)$/u;

// What was answered, as a form of another page carries it.
const answered = () => {
  const own = form();
  const at = own.elements["trial.at"].value;
  const pairs = [["trial.visited", at]];
  for (const [name, value] of new FormData(own)) {
    if (typeof value !== "string" || reserved.test(name)) continue;
    pairs.push([name.startsWith("trial.") ? name : `trial.c.${at}.${name}`, value]);
  }
  return pairs;
};

const keep = () => {
  try {
    sessionStorage.setItem(key(), JSON.stringify(answered()));
  } catch {
    // Storage is switched off: answers go from page to page all the same.
  }
};

const ask = async (body) => {
  const answer = await fetch(form().getAttribute("action"), { method: "POST", body });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

let timer;
let asked = 0;
const tell = async () => {
  keep();
  const number = ++asked;
  const body = new URLSearchParams(new FormData(form()));
  body.set("trial.then", "why");
  const now = (await ask(body).catch(() => null))?.querySelector("#why");
  if (!now || number !== asked) return;
  const open = why().querySelector("details").open;
  now.querySelector("details").open = open;
  why().replaceWith(now);
};

document.addEventListener("input", (event) => {
  if (!event.target.closest("form")) return;
  clearTimeout(timer);
  timer = setTimeout(tell, WAIT);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-forget]")) return;
  try {
    sessionStorage.removeItem(key());
  } catch {
    // Nothing was kept.
  }
});

// Another question was chosen: with what was answered before.
const again = async () => {
  const kept = sessionStorage.getItem(key());
  if (!kept) return;
  const own = form();
  const body = new URLSearchParams(JSON.parse(kept));
  for (const name of ["token", "trial.item", "trial.shown"]) body.set(name, own.elements[name].value);
  body.set("trial.then", "show");
  const page = await ask(body);
  for (const name of ["main", "#why"]) {
    const now = page.querySelector(name);
    if (now) document.querySelector(name).replaceWith(now);
  }
};

if ("fresh" in why().dataset) again().catch(() => {});
else keep();

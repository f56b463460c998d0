// The builder while one types: forms are sent by themselves, and what the server
// makes of them is put into the page. Without this script every form has its button.
const WAIT = 400;
const AGAIN = 3000;

const saved = document.querySelector("#saved");
const words = saved?.querySelector("span:last-child");
const form = () => document.querySelector("form[data-autosave]");
// What was sent and not yet acknowledged, also after the browser was closed.
const key = () => `sondage-unsaved:${location.pathname}`;

let timer;
let changed = 0;
let sending = Promise.resolve(true);

const say = (what) => {
  if (!words) return;
  saved.classList.toggle("bad", what === "failed" || what === "signedOut");
  words.textContent = saved.dataset[what];
};

const keep = (body) => {
  try {
    if (body) localStorage.setItem(key(), body);
    else localStorage.removeItem(key());
  } catch {
    // Storage may be switched off: the page itself still holds what was typed.
  }
};

// Sends a form until it is acknowledged. The same name is sent again each time, so it
// is done once. Gives the page that the server answered with.
const send = async (action, body) => {
  keep(body);
  for (;;) {
    try {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const answer = await fetch(action, { method: "POST", headers, body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.querySelector("#panes")) {
        keep();
        return { page, address: answer.url };
      }
      const out = [401, 403].includes(answer.status) || answer.url.includes("/sign-in");
      if (answer.status < 500 && !out) {
        // Nothing that trying again would mend: the server's page says why.
        keep();
        document.open();
        document.write(page.documentElement.outerHTML);
        document.close();
        return null;
      }
      say(out ? "signedOut" : "failed");
      if (out) await renew();
    } catch {
      say("failed");
    }
    await new Promise((done) => setTimeout(done, AGAIN));
    body = withToken(body);
  }
};

// Whoever signs in again in another tab has another token.
const renew = async () => {
  const answer = await fetch(location.pathname);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("#panes input[name=token]")?.value;
  if (!token) return;
  for (const own of document.querySelectorAll("input[name=token]")) own.value = token;
};

// The form's token belongs to a session.
const withToken = (body) => {
  const pairs = new URLSearchParams(body);
  const token = document.querySelector("input[name=token]")?.value;
  if (token) pairs.set("token", token);
  return pairs.toString();
};

const names = (of) => [...of.elements].map((one) => one.name).sort().join("\n");

const swap = (page, id) => {
  const [old, now] = [document.getElementById(id), page.getElementById(id)];
  if (old && now) old.replaceChildren(...now.childNodes);
};

// Puts the server's page in: the outline and the numbers always, the panel field by
// field, so that whoever types is not interrupted.
const show = (page, sent, whole) => {
  for (const id of ["outline", "told"]) swap(page, id);
  const head = page.querySelector(".builder-head nav");
  document.querySelector(".builder-head nav")?.replaceWith(head);
  const [mine, theirs] = [form(), page.querySelector("form[data-autosave]")];
  if (whole || !mine || !theirs || names(mine) !== names(theirs)) {
    const focused = document.activeElement?.name;
    swap(page, "chosen");
    if (focused) document.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
  } else {
    for (const now of theirs.elements) {
      const own = now.name && mine.elements.namedItem(now.name);
      if (!own || own instanceof RadioNodeList) continue;
      if (now.type === "hidden") own.value = now.value;
      else if (own.value === sent?.get(now.name)) own.value = now.value;
    }
  }
  for (const told of page.querySelectorAll("#refused, .summary")) {
    document.querySelector("#panes").before(told);
    told.focus();
  }
  const [frame, shown] = [document.querySelector("#preview"), page.querySelector("#preview")];
  if (frame && shown) frame.src = shown.getAttribute("src");
  else if (frame || shown) document.querySelector(".preview")?.replaceWith(page.querySelector(".preview"));
  for (const own of document.querySelectorAll("input[name=sent_as]")) {
    own.value = page.querySelector("input[name=sent_as]")?.value ?? own.value;
  }
};

const save = (extra = {}, whole = false) => {
  clearTimeout(timer);
  timer = undefined;
  sending = sending.then(async () => {
    const own = form();
    if (!own) return true;
    const pairs = new URLSearchParams(new FormData(own));
    for (const [name, value] of Object.entries(extra)) pairs.set(name, value);
    const before = changed;
    say("saving");
    const answer = await send(own.getAttribute("action").split("#")[0], pairs.toString());
    if (!answer) return false;
    if (before === changed) changed = 0;
    show(answer.page, pairs, whole);
    if (changed === 0) say("saved");
    return true;
  });
  return sending;
};

document.addEventListener("input", (event) => {
  if (!event.target.closest("form[data-autosave]")) return;
  // A list that is being typed is done when one leaves it.
  if (event.target.name.startsWith("new.")) return;
  changed += 1;
  say("saving");
  clearTimeout(timer);
  timer = setTimeout(() => save(), WAIT);
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.closest("form[data-autosave]")) return;
  changed += 1;
  // Another kind has other settings.
  save({}, field.matches("select") || field.name.startsWith("new."));
});

// A form of the builder that does one thing: done in place.
const act = async (own, button) => {
  if (timer) await save();
  await sending;
  const pairs = new URLSearchParams(new FormData(own));
  if (button?.name) pairs.set(button.name, button.value);
  say("saving");
  const answer = await send(own.getAttribute("action").split("#")[0], pairs.toString());
  if (!answer) return;
  history.replaceState(null, "", answer.address);
  show(answer.page, null, true);
  say("saved");
};

document.addEventListener("submit", (event) => {
  const own = event.target;
  if (!own.closest("#panes") || own.method !== "post") return;
  event.preventDefault();
  const button = event.submitter;
  if (own.matches("[data-autosave]")) save(button?.name ? { [button.name]: button.value } : {}, true);
  else act(own, button);
});

// Choosing in the outline: what was typed first. Where all panes are in sight the page
// stays where it is; elsewhere the address leads to the panel.
const wide = matchMedia("(min-width: 72rem)");

const choose = async (address) => {
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("#panes")) return location.assign(address);
  history.pushState(null, "", address);
  show(page, null, true);
  const next = document.querySelector("#new-wording") ?? document.querySelector("#outline [aria-current]");
  next?.focus({ preventScroll: true });
};

document.addEventListener("click", async (event) => {
  const link = event.target.closest("#panes a, .builder-head a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const inPlace = wide.matches && link.closest("#outline");
  if (!inPlace && !changed) return;
  event.preventDefault();
  if (timer) save();
  await sending;
  if (inPlace) choose(link.href).catch(() => location.assign(link.href));
  else location.assign(link.href);
});

addEventListener("popstate", () => location.reload());

addEventListener("pagehide", () => {
  const own = form();
  if (!timer || !own) return;
  const body = new URLSearchParams(new FormData(own));
  keep(body.toString());
  navigator.sendBeacon(own.getAttribute("action").split("#")[0], body);
});

addEventListener("beforeunload", (event) => {
  if (changed && saved?.classList.contains("bad")) event.preventDefault();
});

const typing = (target) => target.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const press = (id, value) => {
    const own = document.getElementById(id);
    const button = value ? own?.querySelector(`[value="${value}"]`) : own?.querySelector("button");
    if (!button) return;
    event.preventDefault();
    own.requestSubmit(button);
  };
  if (event.altKey && event.key === "ArrowUp") press("place", "up");
  else if (event.altKey && event.key === "ArrowDown") press("place", "down");
  else if (event.altKey && event.key.toLowerCase() === "n") {
    event.preventDefault();
    document.querySelector("#to-add")?.click();
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing(event.target)) {
    press(event.shiftKey ? "redo" : "undo");
  } else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const own = event.target.closest("form");
    if (!own?.closest("#panes")) return;
    event.preventDefault();
    own.requestSubmit();
  } else if (["ArrowUp", "ArrowDown"].includes(event.key) && event.target.matches("#outline li > a")) {
    const links = [...document.querySelectorAll("#outline li > a")];
    const next = links[links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
});

// What an earlier page could not send any more.
try {
  const unsent = localStorage.getItem(key());
  if (unsent) {
    send(location.pathname, withToken(unsent)).then((answer) => answer && show(answer.page, null, true));
  }
} catch {
  // Storage is switched off.
}

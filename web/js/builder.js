// The builder while one types: forms are sent by themselves, and what the server
// makes of them is put into the page. Without this script every form has its button.
const WAIT = 400;
const AGAIN = 3000;

const saved = document.querySelector("#saved");
const words = saved?.querySelector("span:last-child");
const form = () => document.querySelector("form[data-autosave]");
let timer;
let keeps;
let changed = 0;
let sending = Promise.resolve(true);

// One thing after the other; what goes wrong with one stops none after it.
const inTurn = (what) => {
  sending = sending.then(what).catch((error) => {
    console.error(error);
    return false;
  });
  return sending;
};

const say = (what) => {
  if (!words) return;
  saved.classList.toggle("bad", what === "failed" || what === "signedOut");
  words.textContent = saved.dataset[what];
};

// What is not acknowledged yet is kept by the browser, where it keeps anything.
const author = document.querySelector("#builder-head").dataset.author;
const script = document.querySelector("#builder-script");
const unsent = import(script.dataset.unsent)
  .then(({ open }) => open(author))
  .catch(() => null);
unsent.then((kept) => {
  if (!kept) document.querySelector("#unkept").hidden = false;
});
const keeping = async (what) => {
  try {
    const kept = await unsent;
    return kept && (await what(kept));
  } catch {
    // A full disk, say: the page itself still holds what was typed.
    return null;
  }
};

// Sends a form until it is acknowledged. The same name is sent again each time, so it
// is done once. Gives the page that the server answered with.
let waiting = null;
const send = async (action, body, key) => {
  waiting = new URLSearchParams(body);
  const kept = key ?? (await keeping((all) => all.sends(location.pathname, body)));
  try {
    return await sent(action, body, () => keeping((all) => kept && all.forgets(kept)));
  } finally {
    waiting = null;
  }
};

const sent = async (action, body, forget) => {
  for (;;) {
    try {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const answer = await fetch(action, { method: "POST", headers, body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.querySelector("#panes")) {
        await forget();
        return { page, address: answer.url };
      }
      const out = [401, 403].includes(answer.status) || answer.url.includes("/sign-in");
      if (answer.status < 500 && !out) {
        // Nothing that trying again would mend: the server's page says why.
        await forget();
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

// Puts the server's words into a field, with the caret between the same words as before.
const put = (field, value) => {
  field.defaultValue = value;
  if (field.value === value) return;
  const [caret, long] = [field === document.activeElement ? field.selectionStart : null, field.value.length];
  let same = 0;
  while (same < value.length && field.value[same] === value[same]) same += 1;
  field.value = value;
  if (caret !== null) field.selectionEnd = caret > same ? Math.max(same, caret + value.length - long) : caret;
};

// The texts of a form that say something else than what was sent, or than what the server
// said: with what they are to be measured by when they are sent.
const typedIn = (own, sent) => {
  const typed = new Map();
  for (const field of own?.elements ?? []) {
    if (!field.name.startsWith("t.")) continue;
    const before = own.elements.namedItem(`w.${field.name.slice(2)}`)?.value ?? "";
    const base = sent?.get(field.name) ?? before;
    if (field.value.trim() !== base.trim()) typed.set(field.name, { value: field.value, base, before });
  }
  return typed;
};

// Puts the server's page into the panel. What was typed since stays, to be sent as a
// change of what was sent before: so neither it nor what others wrote is lost.
const fill = (page, sent, whole) => {
  const [mine, theirs] = [form(), page.querySelector("form[data-autosave]")];
  const typed = typedIn(mine, sent);
  const refused = page.querySelector("#refused, .summary");
  if (whole || !mine || !theirs || names(mine) !== names(theirs)) {
    const { name, selectionStart } = document.activeElement ?? {};
    swap(page, "chosen");
    const again = name ? document.querySelector(`[name="${CSS.escape(name)}"]`) : null;
    again?.focus();
    if (again?.matches("textarea, input[type=text]")) again.selectionStart = again.selectionEnd = selectionStart;
  } else {
    for (const now of theirs.elements) {
      const own = now.name && mine.elements.namedItem(now.name);
      if (!own || own instanceof RadioNodeList || typed.has(now.name)) continue;
      if (now.type === "hidden") own.value = now.value;
      else if (now.matches("textarea, input[type=text]") && own.value === sent?.get(now.name)) put(own, now.value);
    }
  }
  for (const [name, { value, base, before }] of typed) {
    const [field, was] = [name, `w.${name.slice(2)}`].map((one) => form()?.elements.namedItem(one));
    if (!field || !was) continue;
    field.value = value;
    was.value = refused ? before : base;
  }
};

// What of the outline has the focus, so that it has it again.
const inOutline = () => {
  const focused = document.activeElement?.closest("#outline :is(a, button)");
  if (!focused) return null;
  const [address, id] = [focused.getAttribute("href"), focused.form?.id];
  if (address) return `#outline a[href="${CSS.escape(address)}"]`;
  return id ? `#${CSS.escape(id)} button` : null;
};

// Puts the server's page in: the outline and the numbers always, the panel unless it is
// in use, so that whoever types is not interrupted.
const show = (page, { sent = null, whole = false, panel = true } = {}) => {
  const focused = inOutline();
  for (const id of ["outline", "told", "others"]) swap(page, id);
  if (focused) document.querySelector(focused)?.focus({ preventScroll: true });
  const [head, now] = [document, page].map((one) => one.querySelector("#builder-head"));
  for (const name of ["seen", "here"]) head.dataset[name] = now.dataset[name];
  head.querySelector("nav").replaceWith(now.querySelector("nav"));
  if (panel) fill(page, sent, whole);
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

// Whether something in the panel is chosen or typed that the server does not know.
const inUse = () =>
  changed > 0 ||
  [...document.querySelectorAll("#chosen :is(input, textarea, select)")].some((field) => {
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    if (field.matches("select")) return [...field.options].some((one) => one.defaultSelected && !one.selected);
    return field.type !== "hidden" && field.value !== field.defaultValue;
  });

// All that a form says is known to the server now.
const settled = () => {
  for (const field of form()?.elements ?? []) {
    if (field.matches("[type=checkbox], [type=radio]")) field.defaultChecked = field.checked;
    else if (field.matches("textarea, input[type=text]")) field.defaultValue = field.value;
  }
};

// Others have changed the draft, or are somewhere else in it.
document.addEventListener("sondage-news", (event) => {
  event.preventDefault();
  const isNews = event.detail;
  inTurn(async () => {
    // An answer to something of our own may have shown it already.
    if (!isNews()) return true;
    const answer = await fetch(location.pathname + location.search).catch(() => null);
    if (!answer?.ok) return true;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.querySelector("#panes")) show(page, { whole: true, panel: !inUse() });
    return true;
  });
});

const save = (extra = {}, whole = false) => {
  clearTimeout(timer);
  timer = undefined;
  return inTurn(async () => {
    const own = form();
    if (!own) return true;
    clearTimeout(keeps);
    const pairs = new URLSearchParams(new FormData(own));
    for (const [name, value] of Object.entries(extra)) pairs.set(name, value);
    const before = changed;
    say("saving");
    const answer = await send(own.getAttribute("action").split("#")[0], pairs.toString());
    if (!answer) return false;
    if (before === changed) changed = 0;
    show(answer.page, { sent: pairs, whole });
    if (changed === 0) {
      settled();
      keeping((all) => all.rests());
      say("saved");
    }
    return true;
  });
};

document.addEventListener("input", (event) => {
  if (!event.target.closest("form[data-autosave]")) return;
  // A list that is being typed is done when one leaves it.
  if (event.target.name.startsWith("new.")) return;
  changed += 1;
  say("saving");
  clearTimeout(timer);
  timer = setTimeout(() => save(), WAIT);
  if (waiting) keepTyped();
});

// While something is on its way, what is typed meanwhile is kept as a change of it.
const keepTyped = () => {
  clearTimeout(keeps);
  keeps = setTimeout(() => {
    if (!form() || !waiting) return;
    const body = afterWaiting(form()).toString();
    keeping((all) => all.types(location.pathname, body));
  }, WAIT);
};

// What a form says, as a change of what is on its way.
const afterWaiting = (own) => {
  const pairs = new URLSearchParams(new FormData(own));
  if (!waiting) return pairs;
  for (const name of [...pairs.keys()].filter((one) => one.startsWith("t."))) {
    if (waiting.has(name)) pairs.set(`w.${name.slice(2)}`, waiting.get(name));
  }
  pairs.set("sent_as", newName());
  return pairs;
};

// A name for an edit, also where the connection is not a secure one.
const newName = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

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
  show(answer.page, { whole: true });
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
  show(page, { whole: true });
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
  const body = afterWaiting(own);
  keeping((all) => all.sends(location.pathname, body.toString()));
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
  const line = event.target.closest("#outline :is(li, h3) > a");
  const add = () => {
    event.preventDefault();
    document.querySelector("#to-add")?.click();
  };
  if (event.altKey && event.shiftKey && event.key === "ArrowRight") press("place", "deeper");
  else if (event.altKey && event.shiftKey && event.key === "ArrowLeft") press("place", "out");
  else if (event.altKey && event.key === "ArrowUp") press("place", "up");
  else if (event.altKey && event.key === "ArrowDown") press("place", "down");
  else if (event.altKey && event.key.toLowerCase() === "n") add();
  else if (event.key === "Enter" && !event.ctrlKey && line?.ariaCurrent) add();
  else if (event.key === "/" && line && document.querySelector("#kind")) {
    event.preventDefault();
    document.querySelector("#kind").focus();
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "d" && line) press("place", "copy");
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing(event.target)) {
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

// What an earlier page could not send any more, in its order.
inTurn(async () => {
  for (const { key, body } of (await keeping((all) => all.left(location.pathname))) ?? []) {
    say("saving");
    const answer = await send(location.pathname, withToken(body), key);
    if (!answer) return false;
    show(answer.page, { whole: true, panel: !inUse() });
    if (changed === 0) say("saved");
  }
  return true;
});

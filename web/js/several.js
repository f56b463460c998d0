// Several questions of the outline at once: ticked by range or by key, counted, dragged.
// Without this script the boxes, the numbers and the buttons do the same.
const boxes = () => [...document.querySelectorAll("#outline input[name=items]")];
const links = () => [...document.querySelectorAll("#outline li > a")];
const item = (line) => line?.matches("a") ? new URL(line.href).searchParams.get("item") : line?.value;

// From choosing one to ticking several: the server ticks all between two.
const begin = (from, to) => {
  const address = new URL(location.pathname, location.origin);
  address.searchParams.set("several", "1");
  address.searchParams.set("from", item(from));
  address.searchParams.set("to", item(to));
  location.assign(`${address}#chosen`);
};

const count = () => {
  const told = document.querySelector("#ticked");
  if (!told) return;
  const ticked = boxes().filter((box) => box.checked).length;
  told.textContent = ticked === 1 ? told.dataset.one : told.dataset.more.replace("#", ticked);
};

let last = null;
document.addEventListener("click", (event) => {
  const link = event.target.closest("#outline li > a");
  if (link && event.shiftKey) {
    event.preventDefault();
    begin(document.querySelector("#outline li > a[aria-current]") ?? link, link);
    return;
  }
  const box = event.target.closest("#outline input[name=items]");
  if (!box) return;
  const all = boxes();
  const ends = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  if (event.shiftKey && ends[0] >= 0) {
    for (const between of all.slice(ends[0], ends[1] + 1)) between.checked = box.checked;
  }
  last = box;
  count();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.target.matches("input[type=text]")) {
    document.querySelector("#several-done")?.click();
    return;
  }
  if (!["ArrowUp", "ArrowDown"].includes(event.key) || event.altKey) return;
  const step = event.key === "ArrowDown" ? 1 : -1;
  if (event.shiftKey && event.target.matches("#outline li > a")) {
    const all = links();
    const next = all[all.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    begin(event.target, next);
  } else if (event.target.matches("#outline input[name=items]")) {
    const all = boxes();
    const next = all[all.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    if (event.shiftKey) next.checked = event.target.checked;
    last = next;
    next.focus();
    count();
  }
});

// Dragging: a line is taken, and all that is ticked with it; it goes below the line or the
// title of the section that it is let go on.
let dragged = [];
const places = "#outline ol > li, #outline .part > h3";
const mark = (place) => {
  for (const old of document.querySelectorAll("#outline .drop")) old.classList.remove("drop");
  place?.classList.add("drop");
};

document.addEventListener("dragstart", (event) => {
  const line = event.target.closest?.("#outline ol > li")?.querySelector("a, input[name=items]");
  if (!line) return;
  const ticked = boxes().filter((box) => box.checked).map(item);
  const own = item(line);
  dragged = ticked.includes(own) ? ticked : [own];
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", line.textContent.trim());
});

document.addEventListener("dragover", (event) => {
  const place = dragged.length > 0 && event.target.closest?.(places);
  if (place) event.preventDefault();
  mark(place || null);
});

document.addEventListener("dragend", () => {
  dragged = [];
  mark(null);
});

document.addEventListener("drop", (event) => {
  const place = dragged.length > 0 && event.target.closest?.(places);
  if (!place) return;
  event.preventDefault();
  const after = item(place.querySelector("a, input[name=items]"));
  const form = document.querySelector("#drag");
  for (const old of form.querySelectorAll("[name=items]")) old.remove();
  for (const id of dragged) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "items", value: id }));
  }
  form.elements.namedItem("after").value = after;
  const moves = !dragged.includes(after);
  dragged = [];
  mark(null);
  if (moves) form.requestSubmit(form.querySelector("button"));
});

// The table of the builder: its cells, made of the tab-separated text in the page's field
// and written back into it, so that the form sends what is seen. Without this script the
// field itself is edited.
const KEEP = 400;
const PAGE = 10;
// So many rows are filled at a time, the first at once.
const FILLED = 100;

const form = document.querySelector("#sheet-form");
const field = document.querySelector("#sheet-text");
const frame = document.querySelector("#sheet-frame");
const grid = document.querySelector("#sheet-grid");
const said = document.querySelector("#sheet-said");
const at = form.elements.namedItem("typed_at");
const lists = new Map([...form.querySelectorAll("datalist")].map((one) => [one, one.dataset.headings.split("|")]));
const named = (id) => lists.get(document.querySelector(`#sheet-${id}`));

// Cells as spreadsheets copy them; an apostrophe stands before what they would take for a
// formula, a number or a date.
const isMore = (cell) =>
  /^[=+\-@']/.test(cell) || (/^\d[\d+\-./,:%eE ]*$/.test(cell) && !/^(0|[1-9]\d{0,14})$/.test(cell));
const needs = (cell) => /[\t\n"]/.test(cell);
const write = (cell) => {
  const guarded = isMore(cell) ? `'${cell}` : cell;
  return needs(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
};
const print = (table) => table.map((row) => row.map(write).join("\t") + "\n").join("");

// A cell in quotation marks and where it ends; nothing where they are its own.
const quoted = (text, from) => {
  if (text[from] !== '"') return null;
  for (let cell = "", start = from + 1, marks = 0; ; marks += 1) {
    const end = text.indexOf('"', start);
    if (end < 0 || marks > 100) return null;
    cell += text.slice(start, end);
    if (text[end + 1] === '"') {
      cell += '"';
      start = end + 2;
    } else return end + 1 === text.length || "\t\n".includes(text[end + 1]) ? [cell, end + 1] : null;
  }
};

const parse = (given) => {
  const text = given.replaceAll(/\r\n?/g, "\n").replace(/\n$/, "");
  const all = text.startsWith('"');
  const table = [[]];
  for (let from = 0; ; ) {
    const found = quoted(text, from);
    let [cell, end] = found && (all || needs(found[0])) ? found : [null, 0];
    if (cell === null) {
      end = from;
      while (end < text.length && text[end] !== "\t" && text[end] !== "\n") end += 1;
      cell = text.slice(from, end);
    }
    table.at(-1).push(cell[0] === "'" && isMore(cell.slice(1)) ? cell.slice(1) : cell);
    if (end >= text.length) return table;
    if (text[end] === "\n") table.push([]);
    from = end + 1;
  }
};

// Rows are never changed where they stand, so that an earlier table is still there to
// go back to.
let rows = [];
let width = 0;
let wrong = new Set();
let here = { row: 0, column: 0 };
let anchor = here;
let leaving = false;
const [before, behind] = [[], []];

const has = (row, names) => row.some((cell) => names.includes(cell.trim().toLowerCase()));
const isHead = (row) => has(row, named("code")) && (has(row, named("kind")) || has(row, named("list")));
const headOf = (row) => {
  for (let up = row; up >= 0; up -= 1) if (isHead(rows[up])) return rows[up];
  return [];
};
const languageOf = (heading) => /\(([\w-]+)\)\s*$/.exec(heading ?? "")?.[1];

const element = (role, name, text = "") => {
  const made = document.createElement("div");
  made.setAttribute("role", role);
  made.className = name;
  made.textContent = text;
  return made;
};

// The cells of a row; the first says its number.
const fill = (line, row, head) => {
  const isItsOwn = head === rows[row];
  line.className = isItsOwn ? "line head" : "line";
  line.setAttribute("aria-rowindex", row + 1);
  const number = element("rowheader", "number", row + 1);
  number.setAttribute("aria-label", `${said.dataset.row} ${row + 1}`);
  number.setAttribute("aria-colindex", 1);
  const cells = [number];
  for (let column = 0; column < width; column += 1) {
    const heading = head[column];
    const name = column === 0 ? "first" : languageOf(rows[0]?.[column]) ? "wide" : "";
    const text = rows[row][column] ?? "";
    const cell = element(isItsOwn && text ? "columnheader" : "gridcell", name, text);
    const language = isItsOwn ? null : languageOf(heading);
    if (language) cell.lang = language;
    cell.tabIndex = -1;
    cell.setAttribute("aria-colindex", column + 2);
    if (wrong.has(`${row + 1}:${column + 1}`)) cell.setAttribute("aria-invalid", "true");
    cells.push(cell);
  }
  line.replaceChildren(...cells);
};

const cellAt = ({ row, column }) => {
  const line = grid.children[row];
  if (line && !line.firstChild) fill(line, row, headOf(row));
  return line?.children[column + 1];
};
const range = () => {
  const [top, bottom] = [here.row, anchor.row].sort((one, other) => one - other);
  const [left, right] = [here.column, anchor.column].sort((one, other) => one - other);
  return { top, bottom, left, right };
};

let marked = [];
const mark = () => {
  for (const cell of marked) cell.removeAttribute("aria-selected");
  const { top, bottom, left, right } = range();
  marked = [];
  for (let row = top; row <= bottom; row += 1) {
    for (let column = left; column <= right; column += 1) {
      const cell = cellAt({ row, column });
      cell?.setAttribute("aria-selected", "true");
      if (cell) marked.push(cell);
    }
  }
};

const go = (row, column, extend = false, focus = true) => {
  const old = cellAt(here);
  if (old) old.tabIndex = -1;
  here = { row: Math.max(0, Math.min(row, rows.length - 1)), column: Math.max(0, Math.min(column, width - 1)) };
  if (!extend) anchor = here;
  const cell = cellAt(here);
  if (!cell) return;
  cell.tabIndex = 0;
  if (focus) {
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  mark();
};

let shown = 0;
const show = (table, focus = true) => {
  rows = table.length ? table : [[""]];
  width = Math.max(1, ...rows.map((row) => row.length));
  grid.setAttribute("aria-rowcount", rows.length);
  grid.setAttribute("aria-colcount", width + 1);
  const lines = rows.map(() => element("row", "line"));
  grid.replaceChildren(...lines);
  const own = (shown += 1);
  const more = (from, before) => {
    if (own !== shown) return;
    let head = before;
    const to = Math.min(from + FILLED, lines.length);
    for (let row = from; row < to; row += 1) {
      if (isHead(rows[row])) head = rows[row];
      if (!lines[row].firstChild) fill(lines[row], row, head);
    }
    if (to < lines.length) setTimeout(() => more(to, head));
  };
  more(0, []);
  go(here.row, here.column, false, focus);
};

// What is typed is kept by the browser until it is taken.
const unsent = import(document.querySelector("#sheet-script").dataset.unsent)
  .then(({ open }) => open(document.querySelector("#builder-head").dataset.author))
  .catch(() => null);
const keeping = async (what) => {
  try {
    const kept = await unsent;
    return kept && (await what(kept));
  } catch {
    return null;
  }
};
let timer;
const changed = () => {
  // What was looked at is no longer what the table says.
  document.querySelector("#changes")?.remove();
  clearTimeout(timer);
  timer = setTimeout(keep, KEEP);
};
const keep = () => {
  clearTimeout(timer);
  timer = undefined;
  field.value = print(rows);
  if (field.value === asked.text && at.value === asked.at) return keeping((all) => all.rests());
  const body = JSON.stringify({ text: field.value, at: at.value });
  return keeping((all) => all.types(location.pathname, body));
};

const remember = () => {
  before.push({ rows, here, at: at.value });
  behind.length = 0;
};

// Other words in some cells: `said(row, column)` says which.
const put = (top, left, block) => {
  remember();
  const more = top + block.length - rows.length;
  const next = [...rows, ...Array.from({ length: Math.max(0, more) }, () => [])];
  block.forEach((cells, down) => {
    const row = [...next[top + down]];
    while (row.length < left) row.push("");
    cells.forEach((cell, along) => { row[left + along] = cell; });
    next[top + down] = row;
    cells.forEach((_, along) => wrong.delete(`${top + down + 1}:${left + along + 1}`));
  });
  const wider = Math.max(...block.map((cells) => left + cells.length)) > width;
  const heads = block.some((_, down) => isHead(next[top + down]) || isHead(rows[top + down] ?? []));
  if (more > 0 || wider || heads) {
    show(next);
  } else {
    rows = next;
    block.forEach((_, down) => fill(grid.children[top + down], top + down, headOf(top + down)));
    go(here.row, here.column);
  }
  changed();
};

// Other rows: what was told of cells is of other places now.
const replace = (next, row) => {
  remember();
  wrong = new Set();
  here = { row: Math.min(row, Math.max(0, next.length - 1)), column: here.column };
  show(next);
  changed();
};

const back = (from, to) => {
  const earlier = from.pop();
  if (!earlier) return;
  to.push({ rows, here, at: at.value });
  ({ here, at: at.value } = earlier);
  show(earlier.rows);
  changed();
};

const say = (what) => {
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = said.dataset[what]; });
};

const insert = () => {
  const { bottom } = range();
  replace([...rows.slice(0, bottom + 1), Array(width).fill(""), ...rows.slice(bottom + 1)], bottom + 1);
};
const remove = () => {
  const { top, bottom } = range();
  replace([...rows.slice(0, top), ...rows.slice(bottom + 1)], top);
  say("removed");
};
const shift = (by) => {
  const { top, bottom } = range();
  if (top + by < 0 || bottom + by >= rows.length) return;
  const [rest, part] = [[...rows.slice(0, top), ...rows.slice(bottom + 1)], rows.slice(top, bottom + 1)];
  const column = here.column;
  replace([...rest.slice(0, top + by), ...part, ...rest.slice(top + by)], top + by);
  here = { row: bottom + by, column };
  anchor = { row: top + by, column };
  go(here.row, column, true);
};

// The names of the lists that have options.
const listNames = () => {
  const found = new Set();
  let column = -1;
  for (const row of rows) {
    if (isHead(row)) column = has(row, named("kind")) ? -1 : row.findIndex((cell) => named("list").includes(cell.trim().toLowerCase()));
    else if (row[column]) found.add(row[column]);
  }
  return [...found];
};

// What may stand in a cell of that heading.
const choicesOf = (heading) => {
  const name = heading?.trim().toLowerCase();
  const [own] = [...lists].find(([, names]) => names.includes(name)) ?? [];
  if (own?.id === "sheet-list") own.replaceChildren(...listNames().map((list) => new Option("", list)));
  return own?.options.length ? own : null;
};

let box = null;
const edit = (text) => {
  const cell = cellAt(here);
  const place = here;
  const was = rows[place.row][place.column] ?? "";
  const heading = headOf(place.row)[place.column];
  const choices = choicesOf(heading);
  box = document.createElement(choices && !was.includes("\n") ? "input" : "textarea");
  if (choices) box.setAttribute("list", choices.id);
  box.setAttribute("aria-label", `${heading ?? ""} ${said.dataset.row} ${place.row + 1}`);
  box.spellcheck = false;
  box.value = text ?? was;
  cell.replaceChildren(box);
  box.focus({ preventScroll: true });
  box.setSelectionRange(box.value.length, box.value.length);
  const done = (taken) => {
    if (!box) return;
    const now = box.value;
    box = null;
    cell.textContent = was;
    if (taken && now !== was) {
      anchor = here = place;
      put(place.row, place.column, [[now]]);
    }
  };
  box.addEventListener("blur", () => done(true));
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    const { key } = event;
    if (key === "Enter" && event.altKey && box.matches("textarea")) {
      event.preventDefault();
      box.setRangeText("\n", box.selectionStart, box.selectionEnd, "end");
    } else if (["Enter", "Escape", "Tab"].includes(key) && !event.shiftKey | (key === "Tab")) {
      event.preventDefault();
      done(key !== "Escape");
      if (key === "Tab") step(event.shiftKey ? -1 : 1);
      else go(place.row + (key === "Enter" ? 1 : 0), place.column);
    }
  });
};

// To the next cell, and from the last of a row to the first of the next.
const step = (by) => {
  const next = here.row * width + here.column + by;
  go(Math.floor(next / width), ((next % width) + width) % width);
};

const MOVES = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-PAGE, 0],
  PageDown: [PAGE, 0],
};

grid.addEventListener("keydown", (event) => {
  const { key, shiftKey } = event;
  const control = event.ctrlKey || event.metaKey;
  const last = here.row === rows.length - 1 && here.column === width - 1;
  const first = here.row === 0 && here.column === 0;
  let isOurs = true;
  if (key === "Tab") {
    isOurs = !leaving && !control && !(shiftKey ? first : last);
    if (isOurs) step(shiftKey ? -1 : 1);
  } else if (key === "Escape") leaving = true;
  else if (event.altKey && ["ArrowUp", "ArrowDown"].includes(key)) shift(key === "ArrowUp" ? -1 : 1);
  else if (event.altKey && key.toLowerCase() === "n") insert();
  else if (MOVES[key]) go(here.row + MOVES[key][0], here.column + MOVES[key][1], shiftKey);
  else if (key === "Home") go(control ? 0 : here.row, 0, shiftKey);
  else if (key === "End") go(control ? rows.length - 1 : here.row, width - 1, shiftKey);
  else if (control && key.toLowerCase() === "a") {
    anchor = { row: 0, column: 0 };
    go(rows.length - 1, width - 1, true);
  } else if (control && key.toLowerCase() === "z") shiftKey ? back(behind, before) : back(before, behind);
  else if (control && key.toLowerCase() === "y") back(behind, before);
  else if (key === "Enter" || key === "F2") edit();
  else if (key === "Delete" || key === "Backspace") clear();
  // Typed over: the letter itself comes into the box, also where it is put together of several.
  else if (!control && !event.altKey && ([...key].length === 1 || key === "Process")) {
    edit("");
    isOurs = false;
  } else isOurs = false;
  if (key !== "Escape" && key !== "Shift" && key !== "Tab") leaving = false;
  if (isOurs) event.preventDefault();
});
grid.addEventListener("focusout", ({ relatedTarget }) => {
  if (!grid.contains(relatedTarget)) leaving = false;
});

const clear = () => {
  const { top, bottom, left, right } = range();
  put(top, left, Array.from({ length: bottom - top + 1 }, () => Array(right - left + 1).fill("")));
};

const placeOf = (target) => {
  const cell = target.closest?.("[role=gridcell], [role=columnheader], [role=rowheader]");
  if (!cell || !grid.contains(cell)) return null;
  return { row: Number(cell.parentElement.getAttribute("aria-rowindex")) - 1, column: Number(cell.getAttribute("aria-colindex")) - 2 };
};
grid.addEventListener("mousedown", (event) => {
  const place = placeOf(event.target);
  if (!place || event.target === box || event.button > 0) return;
  event.preventDefault();
  box?.blur();
  if (place.column < 0) {
    // The number stands for the whole row.
    go(place.row, 0, event.shiftKey);
    if (!event.shiftKey) anchor = { row: place.row, column: 0 };
    return go(place.row, width - 1, true);
  }
  const again = !event.shiftKey && place.row === here.row && place.column === here.column && document.activeElement === cellAt(here);
  go(place.row, place.column, event.shiftKey);
  if (again) edit();
});
grid.addEventListener("mouseover", (event) => {
  const place = event.buttons === 1 && !box && placeOf(event.target);
  if (place && place.column >= 0) go(place.row, place.column, true);
});

const copied = () => {
  const { top, bottom, left, right } = range();
  return print(rows.slice(top, bottom + 1).map((row) => Array.from({ length: right - left + 1 }, (_, along) => row[left + along] ?? "")));
};
const ours = (event) => !box && grid.contains(document.activeElement) && event.clipboardData;
for (const name of ["copy", "cut"]) {
  document.addEventListener(name, (event) => {
    if (!ours(event)) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", copied());
    if (name === "cut") clear();
    say("copied");
  });
}
document.addEventListener("paste", (event) => {
  if (!ours(event)) return;
  event.preventDefault();
  const block = parse(event.clipboardData.getData("text/plain"));
  const { top, bottom, left, right } = range();
  const all = top === 0 && left === 0 && bottom === rows.length - 1 && right === width - 1;
  if (all && isHead(block[0])) replace(block, 0);
  else if (block.length === 1 && block[0].length === 1) {
    put(top, left, Array.from({ length: bottom - top + 1 }, () => Array(right - left + 1).fill(block[0][0])));
  } else put(top, left, block);
  say("pasted");
});

frame.addEventListener("click", ({ target }) => {
  const what = target.closest("button")?.dataset.do;
  if (what === "insert") insert();
  else if (what === "remove") remove();
  else if (what === "undo") back(before, behind);
  else if (what === "copy") {
    const text = print(rows);
    navigator.clipboard?.writeText(text).then(() => say("copied"), () => plain.open = true);
  }
});

// The text itself stays within reach, folded away.
const plain = document.createElement("details");
const fold = document.createElement("summary");
fold.textContent = said.dataset.plain;
plain.append(fold);
document.querySelector("#sheet-plain").replaceWith(plain);
plain.append(field.closest("p"));
field.addEventListener("change", () => {
  remember();
  show(parse(field.value), false);
  changed();
});
plain.addEventListener("toggle", () => { if (timer) keep(); });
form.addEventListener("submit", () => { if (timer) keep(); });
addEventListener("pagehide", () => { if (timer) keep(); });

wrong = new Set(form.dataset.wrong.split(" ").filter(Boolean));
frame.hidden = false;
const asked = { text: field.value, at: at.value };
const [row, column] = [...wrong][0]?.split(":").map((one) => one - 1) ?? [1, 0];
here = { row, column };
show(parse(field.value), false);

// What an earlier page had typed and was not taken: shown again, as a change of what its
// author had seen. What was just taken, or is in the page already, is not kept any longer.
keeping(async (all) => {
  const left = await all.left(location.pathname);
  const last = left.at(-1);
  for (const { key } of left) await all.forgets(key);
  if (!last || "done" in form.dataset) return;
  const { text, at: seen } = JSON.parse(last.body);
  if (before.length || document.querySelector("#changes, .summary")) return keep();
  if (text === print(rows)) return;
  remember();
  at.value = seen;
  show(parse(text), false);
  say("kept");
  await keep();
});

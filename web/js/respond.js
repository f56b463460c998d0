// What a script adds to a question page: nothing that the page needs.
//
// The error summary takes the focus; an option that stands alone clears the
// others; the box beside an option opens with it; questions that do not apply are hidden as one answers; a second
// press of the button does nothing while the first is on its way.

const form = document.querySelector("form[action*='/page/']");

document.querySelector(".summary")?.focus();

function clearAround(box) {
  const boxes = form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(box.name)}"]`);
  for (const other of boxes) {
    if (other === box) continue;
    if ("exclusive" in box.dataset || "exclusive" in other.dataset) other.checked = false;
  }
}

function answerOf(field) {
  const chosen = [...form.elements].filter((control) => control.name === field.name);
  const state = form.elements[`${field.name}.state`];
  if (state?.checked) return { state: state.value };
  const values = chosen
    .filter((control) => (control.type === "radio" || control.type === "checkbox" ? control.checked : control.value.trim() !== ""))
    .map((control) => control.value.normalize("NFC"));
  if (values.length === 0) return { state: "skipped" };
  if (values.length === 1 && field.missing?.[values[0]]) return { state: field.missing[values[0]] };
  switch (field.type) {
    case "set":
    case "list":
      return { value: values };
    case "bool":
      return { value: true };
    case "date": {
      const [day, month, year] = values[0].split(/[\/.\s-]+/u);
      const iso = [year, month, day].map((part) => (part ?? "").padStart(2, "0")).join("-");
      return /^\d{4}-\d\d-\d\d$/u.test(iso) ? { value: iso } : { state: "skipped" };
    }
    case "number": {
      const number = Number(values[0].replace(",", "."));
      return Number.isFinite(number) ? { value: number } : { state: "skipped" };
    }
    default:
      return { value: values[0] };
  }
}

// The box beside an option opens with it. Without a script it is always open.
function openOthers() {
  for (const other of form.querySelectorAll("[data-opened-by]")) {
    const [name, code] = other.dataset.openedBy.split(/=(.*)/su);
    const chosen = [...form.elements].some((control) =>
      control.name === name && control.value === code && (control.checked || control.tagName === "SELECT"));
    other.hidden = !chosen;
  }
}

async function startSkips(skips) {
  const { evaluate, isTrue } = await import(new URL(skips.evaluator, location.href));
  const { rules, fields, answers, today } = skips;
  const off = new Set();
  const environment = {
    today,
    answer(reference) {
      if (fields[reference]) {
        const own = form.querySelector(`[data-question="${reference}"]`);
        return off.has(reference) && own ? { state: "not_asked" } : answerOf(fields[reference]);
      }
      const stored = answers[reference];
      if (stored === undefined) return { state: "not_reached" };
      return stored !== null && typeof stored === "object" && !Array.isArray(stored) ? stored : { value: stored };
    },
  };
  const refresh = () => {
    off.clear();
    for (const question of form.querySelectorAll("[data-question]")) {
      const rule = rules[question.dataset.question];
      if (!rule) continue;
      const shown = isTrue(evaluate(rule, environment));
      question.hidden = !shown;
      if (!shown) off.add(question.dataset.question);
    }
  };
  form.addEventListener("input", refresh);
  refresh();
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.type === "checkbox" && event.target.checked) clearAround(event.target);
  });
  form.addEventListener("change", openOthers);
  openOthers();
  if (form.dataset.skips) startSkips(JSON.parse(form.dataset.skips));
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // Coming back with the Back button finds the page as it was: it may be sent again.
  window.addEventListener("pageshow", () => { sent = false; });
}

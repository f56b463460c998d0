// What a script adds to long lists, lists that depend on the page's own
// answers, places and signatures. Without it a long list is searched by pressing
// the button, a place is typed and a signature is sent as a picture.

const form = document.querySelector("form[action*='/page/']");
// Where the pages of the interview are.
const base = form?.getAttribute("action").split("/page/")[0];

async function optionsOf(name, typed) {
  const body = new URLSearchParams();
  for (const [field, value] of new FormData(form)) {
    if (typeof value === "string") body.append(field, value);
  }
  body.set("of", name);
  body.set("find", typed);
  const answer = await fetch(form.action.replace("/page/", "/options/"), { method: "POST", body });
  return answer.ok ? answer.json() : { options: [], more: false };
}

function label(name, option, type, checked) {
  const box = document.createElement("input");
  Object.assign(box, { type, id: `${name}-${option.code}`, name, value: option.code, checked });
  if (option.exclusive && type === "checkbox") box.dataset.exclusive = "";
  const line = document.createElement("label");
  line.className = option.apart ? "option apart" : "option";
  line.htmlFor = box.id;
  line.append(box);
  if (option.image) line.append(Object.assign(document.createElement("img"), { src: `${base}/media/${option.image}`, alt: "" }));
  line.append(option.label);
  return line;
}

function startSearch(place) {
  const name = place.dataset.search;
  const type = place.dataset.several === "true" ? "checkbox" : "radio";
  const [found, box, status] = [place.querySelector(".found"), place.querySelector("input[type=text]"), place.querySelector(".status")];
  let asked = 0;
  let waiting;
  const find = async () => {
    const own = ++asked;
    const typed = box.value.trim();
    const chosen = [...found.querySelectorAll("input:checked")].map((input) => input.closest("label"));
    if (typed === "") {
      found.replaceChildren(...chosen);
      status.textContent = "";
      return;
    }
    const { options, more } = await optionsOf(name, typed);
    if (own !== asked) return;
    const codes = chosen.map((line) => line.control.value);
    const lines = options.filter((option) => !codes.includes(option.code)).map((option) => label(name, option, type, false));
    found.replaceChildren(...chosen, ...lines);
    const count = `${status.dataset.found} ${options.length}.`;
    status.textContent = options.length === 0 ? status.dataset.none : more ? `${count} ${status.dataset.more}` : count;
  };
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 200);
  });
  // Enter looks at once, and does not send the page while something is sought.
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || box.value.trim() === "") return;
    event.preventDefault();
    clearTimeout(waiting);
    find();
  });
  found.addEventListener("change", () => {
    box.value = "";
    status.textContent = "";
    asked += 1;
    const chosen = [...found.querySelectorAll("input:checked")].map((input) => input.closest("label"));
    found.replaceChildren(...chosen);
    (chosen.at(-1)?.control ?? box).focus();
  });
}

function startRefresh(question) {
  const name = question.dataset.refresh;
  let before = "";
  let asked = 0;
  const refresh = async () => {
    const own = ++asked;
    const { options } = await optionsOf(name, "");
    const now = JSON.stringify(options);
    if (own !== asked || now === before) return;
    before = now;
    const select = question.querySelector("select");
    if (select) {
      const chosen = select.value;
      select.replaceChildren(new Option("", ""), ...options.map((option) => new Option(option.label, option.code, false, option.code === chosen)));
      return;
    }
    const boxes = [...question.querySelectorAll(`input[name="${CSS.escape(name)}"]`)];
    const type = boxes[0]?.type ?? (question.dataset.several === "true" ? "checkbox" : "radio");
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    const lines = options.map((option) => label(name, option, type, chosen.includes(option.code)));
    // They stand where the old ones stood; before the first answer there are none.
    const place = boxes[0]?.closest("label") ?? question.querySelector(".other, .option");
    if (place) place.before(...lines);
    else question.querySelector("fieldset").append(...lines);
    boxes.forEach((box) => box.closest("label").remove());
  };
  form.addEventListener("change", (event) => {
    if (!question.contains(event.target)) refresh();
  });
}

function startPlace(button) {
  if (!navigator.geolocation || !window.isSecureContext) return;
  const box = form.elements[button.dataset.locate];
  const status = button.nextElementSibling;
  button.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = status.dataset.waiting;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        box.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        status.textContent = "";
      },
      () => { status.textContent = status.dataset.failed; },
      { enableHighAccuracy: true, timeout: 30000 },
    );
  });
}

function startDrawing(place) {
  const file = document.getElementById(place.dataset.draw);
  const canvas = place.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const clear = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
  };
  const at = (event) => {
    const seen = canvas.getBoundingClientRect();
    return [(event.clientX - seen.left) * canvas.width / seen.width, (event.clientY - seen.top) * canvas.height / seen.height];
  };
  place.hidden = false;
  clear();
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => {
    canvas.toBlob((picture) => {
      const sent = new DataTransfer();
      sent.items.add(new File([picture], "signature.png", { type: "image/png" }));
      file.files = sent.files;
    });
  });
  place.querySelector("button").addEventListener("click", () => {
    clear();
    file.value = "";
  });
}

if (form) {
  form.querySelectorAll("[data-search]").forEach(startSearch);
  form.querySelectorAll("[data-refresh]").forEach(startRefresh);
  form.querySelectorAll("[data-locate]").forEach(startPlace);
  form.querySelectorAll("[data-draw]").forEach(startDrawing);
}

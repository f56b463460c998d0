// The texts that the engine of ODK Web Forms shows in each language: of every question
// its label and hint, of every option its label.

import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

// The engine reads XML with the browser's own classes.
const { window } = new JSDOM("");
for (const name of Object.getOwnPropertyNames(window)) {
  if (/^[A-Z]/.test(name) && !(name in globalThis)) globalThis[name] = window[name];
}
globalThis.document = window.document;
globalThis.__dirname = import.meta.dirname;
const { loadForm } = await import("@getodk/xforms-engine");
const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));

/** Every node of the form and, of repeats, of each instance. */
function all(node) {
  return (node.currentState.children ?? []).flatMap((child) => [child, ...all(child)]);
}

const lines = [];
for (const [form, one] of cases.entries()) {
  const result = await loadForm(one.form, {
    fetchFormAttachment: async () => new Response("", { status: 404 }),
    missingResourceBehavior: "BLANK",
  });
  if (result.status === "failure") throw new Error(`${one.file}: ${result.error?.message}`);
  const { root } = result.createInstance();
  for (const language of one.languages) {
    // A form of one language names none.
    const own = root.languages.find((one) => one.language?.endsWith(`(${language})`) || one.language === language);
    if (own) root.setLanguage(own);
    const texts = [];
    for (const node of all(root)) {
      const name = node.currentState.reference.replace(/\[\d+\]$/, "").split("/").pop();
      const { label, hint, valueOptions } = node.currentState;
      texts.push([name, "wording", label?.asString ?? ""], [name, "hint", hint?.asString ?? ""]);
      for (const item of valueOptions ?? []) texts.push([name, item.value, item.label?.asString ?? ""]);
    }
    lines.push(JSON.stringify({ form, language, texts }));
  }
}
// The engine keeps the program from ending; what is written must be out before.
process.stdout.write(lines.join("\n"), () => process.exit(0));

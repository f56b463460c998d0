// Reads the invitations that the program put in its mail folder, the way a
// person opens a letter: for the link, the code and the link that stops mail.

import fs from "node:fs";
import path from "node:path";

function decodeBody(head, body) {
  const encoding = head.match(/^content-transfer-encoding:\s*(\S+)/im)?.[1]?.toLowerCase();
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/gi, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** One letter: whom it is for, its text and its links. */
function read(file) {
  const source = fs.readFileSync(file, "utf8");
  const [head] = source.split(/\r?\n\r?\n/);
  // The plain text stands first; the page after it says the same.
  const boundary = head.match(/boundary="?([^"\s;]+)"?/i)?.[1];
  const plain = boundary ? source.split(`--${boundary}`)[1] : source;
  const [partHead, ...rest] = plain.trim().split(/\r?\n\r?\n/);
  const text = decodeBody(partHead, rest.join("\n\n"));
  return {
    to: head.match(/^to:.*?<?([^\s<>]+@[^\s<>]+)>?\s*$/im)?.[1] ?? "",
    text,
    link: text.match(/\/r\/([0-9A-Z]+)/)?.[1] ?? "",
    code: text.match(/([0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4})/)?.[1] ?? "",
    stop: text.match(/\/stop\/(\S+)/)?.[1] ?? "",
    language: /Kính gửi/.test(text) ? "vi" : "en",
  };
}

/** Every letter in a folder, in the order of their names. */
export function letters(folder) {
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".eml"))
    .sort()
    .map((name) => read(path.join(folder, name)));
}

/** Waits until the folder holds that many letters. */
export async function waitForLetters(folder, count, patience = 20_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = letters(folder);
    if (found.length >= count || Date.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Letters whose questionnaire nobody has opened yet, taken one at a time. */
export async function* unopened(folder, address) {
  for (const letter of letters(folder)) {
    const answer = await fetch(`${address}/r/${letter.link}`, { headers: { "accept-language": "en" } });
    const page = await answer.text();
    if (page.includes('action="/answer/start"')) yield letter;
  }
}

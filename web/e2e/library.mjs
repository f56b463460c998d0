// The library: found, read, put into a draft, saved from one, and taken as a newer
// version by choice; in both languages, narrow and wide, and without scripts.

import { device, everywhere, PHONE } from "./browser.mjs";
import { check } from "./report.mjs";

async function send(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

/** Which questions the draft has. */
async function asked(page, id) {
  await page.goto(`/studies/${id}/builder`);
  return page.locator("#outline li > a").count();
}

export async function library({ browser, server, page, id }) {
  await page.goto("/home");
  await send(page, '#nav a[href="/library"]');
  check("library: the bar leads there", page.url().endsWith("/library"), page.url());
  await everywhere(page, "library list");
  await page.goto("/library?q=tin+tuong");
  check("library: found without accents", (await page.locator(".blocks li").count()) === 1, await page.innerText("main"));
  await send(page, ".blocks a");
  await everywhere(page, "library block");
  await page.goto("/library?q=zzz");
  await everywhere(page, "library with nothing found");

  // Put in after what is chosen, from the panel of the outline.
  const before = await asked(page, id);
  await page.click("#outline li > a");
  await page.waitForSelector("#edit");
  await send(page, '#chosen a[href*="/library?item="]');
  await everywhere(page, "builder library");
  const chosen = page.url();
  await page.goto(`${chosen}&q=hai+long`);
  await send(page, ".blocks a");
  check("library: it is shown before it is put in", (await page.locator("#offer li").count()) >= 1, await page.innerText("main"));
  await everywhere(page, "builder library offer");
  const offer = page.url();
  await page.goto(offer);
  await send(page, "#offer button.go");
  check("library: one question more", (await asked(page, id)) === before + 1);
  await send(page, "#undo button");
  check("library: undone it is gone", (await asked(page, id)) === before);
  await send(page, "#redo button");
  check("library: done again it is there", (await asked(page, id)) === before + 1);

  // Saved as a block, without scripts on a phone.
  const phone = await device(browser, server.address, { ...PHONE, javaScriptEnabled: false });
  await phone.context().addCookies(await page.context().cookies());
  await phone.goto(chosen);
  await phone.fill("#save #name", "Khối thử");
  await send(phone, "#save form button.go");
  check("library: saved without scripts", phone.url().includes("/library/"), `${phone.url()} ${await phone.innerText("main")}`);
  const block = phone.url();
  await page.goto(chosen);
  await page.fill("#save #name", "Khối thử");
  await send(page, "#save form button.go");
  check("library: a name is given once", page.url().endsWith("/builder/library"), page.url());
  await page.goto(block);
  await everywhere(page, "library own block");

  // Put in, changed where it came from, and taken by choice.
  const number = new URL(block).pathname.split("/").pop();
  await phone.goto(`/studies/${id}/builder/library?block=${number}#offer`);
  await everywhere(page, "library own block again");
  check("library: names in use are told", (await phone.locator("#offer code").count()) >= 2, await phone.innerText("main"));
  await send(phone, "#offer button.go");
  await page.goto(`/studies/${id}/builder?${new URL(chosen).searchParams.toString()}`);
  await page.waitForSelector("#edit");
  const words = page.locator("textarea[name$='.wording.vi']").first();
  const old = await words.inputValue();
  await words.fill(`${old} (bản sau)`);
  await page.waitForTimeout(1500);
  await page.goto(chosen);
  await page.selectOption("#block", number);
  await page.fill("#note", "Lời rõ hơn");
  await send(page, '#save form:has(#block) button.go');
  check("library: the next version is kept", (await page.innerText("#versions")).includes("Lời rõ hơn"), await page.innerText("main"));
  await everywhere(page, "library block with two versions");
  await page.goto(`/studies/${id}/builder/library`);
  await everywhere(page, "builder library with blocks");
  await page.goto(`/studies/${id}/builder/library`);
  await send(page, '#uses p a');
  check("library: both sides are shown", (await page.innerText("main")).includes("(bản sau)"), await page.innerText("main"));
  await everywhere(page, "builder library update");
  const update = page.url();
  await phone.goto(update);
  await send(phone, "main form button.go");
  await page.goto(update);
  check("library: it is taken", !(await page.locator("input[name=take]").count()), await page.innerText("main"));
  await everywhere(page, "builder library update taken");
  await phone.context().close();

  // The draft is what it was: the rest of the browser's checks count its questions.
  for (let step = 0; step < 4; step += 1) {
    await page.goto(`/studies/${id}/builder`);
    if (await page.locator("#undo button").count()) await send(page, "#undo button");
  }
  check("library: all of it is undone", (await asked(page, id)) === before, String(await asked(page, id)));
}

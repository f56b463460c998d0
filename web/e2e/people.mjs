// Units and people, one's own account and the second factor, in the browser: every
// page in both languages, narrow and wide. Leaves the owner as they were.

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

import { axe, DESKTOP, device, everywhere, fits, PHONE, picture, targets } from "./browser.mjs";
import { waitForLetters } from "./letters.mjs";
import { check } from "./report.mjs";
import { OWNER } from "./setup.mjs";

const HOA = { email: "hoa@example.org", name: "Trần Thị Hoa", password: "mật khẩu riêng của Hoa" };

/** The code that an app shows for a secret as it is typed (RFC 6238), some steps from now. */
function code(typed, steps = 0) {
  const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const sign of typed.replaceAll(" ", "")) bits += signs.indexOf(sign).toString(2).padStart(5, "0");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = crypto.createHmac("sha1", secret).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function submit(page, selector) {
  return Promise.all([page.waitForNavigation(), page.click(selector)]);
}

/** A page that was answered to a form: it cannot be opened again. */
async function asItIs(page, name) {
  for (const size of [PHONE, DESKTOP]) {
    await page.setViewportSize(size.viewport);
    await fits(page, name);
    await axe(page, name);
  }
}

/** A page for who is not signed in, in both languages on a phone. */
async function visitor({ browser, server, address, name }) {
  for (const language of ["vi", "en"]) {
    const page = await device(browser, server.address, { ...PHONE, colorScheme: language === "vi" ? "dark" : "light" });
    await page.goto(`${address}?language=${language}`);
    await fits(page, `${name} ${language}`);
    await targets(page, `${name} ${language}`);
    await axe(page, `${name} ${language}`);
    await picture(page, `${name}-${language}-320`);
    await page.context().close();
  }
}

async function invite(page) {
  await page.goto("/administration");
  await everywhere(page, "unit with its owner");
  await fits(page, "unit at a desk");
  await page.fill("#email", "no address");
  await page.fill("#name", HOA.name);
  await page.evaluate(() => { document.querySelector('form[action$="/invitations"]').noValidate = true; });
  await submit(page, 'form[action$="/invitations"] button');
  check("invite: an address that is none is told at its field", (await page.locator('.summary a[href="#email"]').count()) === 1);
  check("invite: what was typed is kept", (await page.inputValue("#name")) === HOA.name);
  await asItIs(page, "unit with problems");
  await page.fill("#email", HOA.email);
  await page.check('input[name="role"][value="field_manager"]');
  await page.selectOption("#language", "en");
  await submit(page, 'form[action$="/invitations"] button');
  check("invite: says that it is on its way", (await page.locator("[role=status]").count()) === 1, page.url());
}

/** Joins by the letter. Returns the page of who has joined. */
async function join({ browser, server, page }) {
  const [letter] = await waitForLetters(server.mail, 1);
  const link = letter?.text.match(/\/join\/\w+/)?.[0] ?? "/join/none";
  for (const file of fs.readdirSync(server.mail)) fs.rmSync(path.join(server.mail, file));
  await waits(page);
  await page.goto("/administration");
  await everywhere(page, "unit with an invitation");
  await submit(page, '.lines a[href$="/withdrawal"]');
  await everywhere(page, "invitation withdrawn");
  await visitor({ browser, server, address: link, name: "join" });
  await visitor({ browser, server, address: "/join/none", name: "invitation used up" });
  const guest = await device(browser, server.address, DESKTOP);
  await guest.goto(link);
  await guest.fill("#password", HOA.password);
  await submit(guest, "button.go");
  check("join: leads to sign-in and says so", /\/sign-in\?joined$/.test(guest.url()) && (await guest.locator("[role=status]").count()) === 1, guest.url());
  await guest.fill("#email", HOA.email);
  await guest.fill("#password", HOA.password);
  await submit(guest, "button.go");
  check("join: one works here", /\/(studies|home)$/.test(guest.url()), guest.url());
  check("join: in the language of the invitation", (await guest.getAttribute("html", "lang")) === "en");
  return guest;
}

/** Sets a second factor up. Returns its secret and a recovery code. */
async function setUpFactor({ guest }) {
  await guest.goto("/account");
  await everywhere(guest, "account");
  await fits(guest, "account at a desk");
  await guest.goto("/account/second-factor");
  await everywhere(guest, "second factor offered");
  const secret = await guest.innerText(".items code");
  await guest.fill("#code", "000000");
  await submit(guest, 'form[action="/account/second-factor"] button');
  check("second factor: a wrong code is told, and the picture stays", (await guest.locator('.summary a[href="#code"]').count()) === 1 && (await guest.innerText(".items code")) === secret);
  await asItIs(guest, "second factor with a wrong code");
  await guest.fill("#code", code(secret));
  await submit(guest, 'form[action="/account/second-factor"] button');
  const codes = await guest.$$eval(".codes code", (all) => all.map((one) => one.textContent));
  check("second factor: ten recovery codes are shown", codes.length === 10, codes.length);
  await asItIs(guest, "recovery codes");
  await picture(guest, "recovery-codes-1280");
  await guest.goto("/account/second-factor");
  await everywhere(guest, "second factor on");
  return { secret, recovery: codes[0] };
}

async function signInWithCode({ browser, server, secret, recovery }) {
  const page = await device(browser, server.address, DESKTOP);
  const half = async () => {
    await page.goto("/sign-in");
    await page.fill("#email", HOA.email);
    await page.fill("#password", HOA.password);
    await submit(page, "button.go");
  };
  await half();
  check("sign-in: asks for a code after the password", /\/sign-in\/code$/.test(page.url()), page.url());
  for (const size of [PHONE, DESKTOP]) {
    await page.setViewportSize(size.viewport);
    for (const language of ["vi", "en"]) {
      await page.goto(`/sign-in/code?language=${language}`);
      await fits(page, `sign-in code ${language}`);
      await targets(page, `sign-in code ${language}`);
      await axe(page, `sign-in code ${language}`);
    }
  }
  await page.goto("/studies");
  check("sign-in: half of it opens nothing", /\/sign-in$/.test(page.url()), page.url());
  await page.goto("/sign-in/code");
  await page.fill("#code", "000000");
  await submit(page, "button.go");
  check("sign-in: a wrong code is told", (await page.locator("[role=alert]").count()) === 1);
  await axe(page, "sign-in with a wrong code");
  await page.fill("#code", code(secret, 1));
  await submit(page, "button.go");
  check("sign-in: a right code opens", /\/(studies|home)$/.test(page.url()), page.url());
  await half();
  await page.fill("#code", recovery.toLowerCase());
  await submit(page, "button.go");
  check("sign-in: a recovery code opens", /\/(studies|home)$/.test(page.url()), page.url());
  return page;
}

async function look(page, button, name) {
  await submit(page, button);
  await everywhere(page, name);
}

/** Everything that touches what the person may do, each from its page of consequences. */
async function decide(page) {
  await page.goto("/administration");
  await submit(page, `.people a:has-text("${HOA.name}")`);
  const person = page.url();
  await everywhere(page, "person");
  await fits(page, "person at a desk");
  await page.selectOption("#role-1", "analyst");
  await look(page, 'form.choose button', "role changed");
  await submit(page, "main form button.go");
  check("role: is changed from its page", /done=role-set$/.test(page.url()), page.url());
  await page.goto(`${person}/second-factor`);
  await everywhere(page, "second factor taken away");
  await submit(page, "main form button.go");
  check("second factor: is taken away from its page", /done=factor-removed$/.test(page.url()), page.url());
  await page.goto(`${person}/disabling`);
  await everywhere(page, "person disabled");
  await submit(page, "main form button.go");
  check("sign-in: is stopped from its page", /done=disabled$/.test(page.url()), page.url());
  await everywhere(page, "person who may not sign in");
  return person;
}

async function units(page) {
  await page.goto("/administration");
  await page.fill("#below", "Phòng Khảo sát và Thống kê");
  await submit(page, 'form[action$="/units"] button');
  check("unit: is added", /done=added$/.test(page.url()), page.url());
  await everywhere(page, "unit with nobody of its own");
}

/** Home of an empty installation, and with something that waits. */
async function empty(page) {
  await page.goto("/home");
  check("home: says what a study needs and offers one action", (await page.locator("main ol li").count()) === 4 && (await page.locator("main .go:not(.second)").count()) === 1);
  await everywhere(page, "home of an empty installation");
}

async function waits(page) {
  await page.goto("/home");
  check("home: what waits is there", (await page.locator(".waiting li").count()) === 1, await page.innerText("main"));
  check("home: and its number in the bar", (await page.locator(".bar .number").innerText()).startsWith("1"));
  await everywhere(page, "home with something that waits");
}

/** The whole walk, by the owner's page. */
export async function people({ browser, server, page }) {
  await empty(page);
  await invite(page);
  const guest = await join({ browser, server, page });
  const factor = await setUpFactor({ guest });
  const other = await signInWithCode({ browser, server, ...factor });
  await guest.goto("/account");
  check("account: says where one is signed in", (await guest.locator("#sessions-title ~ .lines li, section[aria-labelledby=sessions-title] .lines li").count()) === 3);
  const person = await decide(page);
  await guest.goto("/studies");
  await other.goto("/studies");
  check("sign-in: every session has ended", [guest, other].every((one) => /\/sign-in$/.test(one.url())), guest.url());
  await page.goto(`${person}/enabling`);
  await submit(page, "main form button.go");
  await units(page);
  // The letters of a study are counted later.
  await waitForLetters(server.mail, 1);
  for (const file of fs.readdirSync(server.mail)) fs.rmSync(path.join(server.mail, file));
  await guest.context().close();
  await other.context().close();
  await page.goto("/account");
  check("account: the owner is who they were", (await page.innerText("main .facts")).includes(OWNER.email));
}

// The logo and the colour of whoever asks: set on their page, refused where they cannot
// be read, and seen by respondents on light pages and dark ones.

import zlib from "node:zlib";

import { axe, device, everywhere, fits, PHONE, picture } from "./browser.mjs";
import { check } from "./report.mjs";

/** A picture of 240 by 80 dots of one colour. */
function png([red, green, blue]) {
  const [width, height] = [240, 80];
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.from([0, ...Array.from({ length: width }, () => [red, green, blue]).flat()]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", zlib.deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** The check sum of PNG. */
function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

export async function appearance({ browser, server, page, study, link }) {
  const own = `/studies/${study}/appearance`;
  const save = () => Promise.all([page.waitForNavigation(), page.click("main form[enctype] button.go")]);
  await page.goto(`/studies/${study}/settings`);
  await Promise.all([page.waitForNavigation(), page.click(`a[href="${own}"]`)]);
  await everywhere(page, "appearance with nothing set");
  await page.goto(own);
  await page.fill("#accent", "#ffd27a");
  await save();
  const said = await page.innerText(".summary");
  const nearest = said.match(/#[0-9a-f]{6}/)?.[0];
  check("appearance: a colour that cannot be read is refused, with the nearest that can", Boolean(nearest), said);
  await page.fill("#accent", nearest);
  await page.setInputFiles("#logo", { name: "logo.png", mimeType: "image/png", buffer: png([0, 70, 120]) });
  await page.fill("#alt_vi", "Viện Nghiên cứu");
  await save();
  check("appearance: that one is taken", (await page.locator(".summary").count()) === 0 && (await page.inputValue("#accent")) === nearest);
  await everywhere(page, "appearance with a logo");
  for (const colorScheme of ["light", "dark"]) {
    const other = await device(browser, server.address, { ...PHONE, colorScheme });
    await other.goto(`/r/${link}`);
    const logo = await other.$eval("header img.logo", (image) => ({ alt: image.alt, width: image.naturalWidth }));
    check(`appearance: respondents see the logo, ${colorScheme}`, logo.alt === "Viện Nghiên cứu" && logo.width === 240, JSON.stringify(logo));
    const brand = await other.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--brand").trim());
    check(`appearance: and the colour, ${colorScheme}`, colorScheme === "light" ? brand === nearest : brand !== nearest && brand.startsWith("#"), brand);
    await fits(other, `appearance for respondents ${colorScheme}`);
    await axe(other, `appearance for respondents ${colorScheme}`);
    await picture(other, `appearance-respondent-${colorScheme}-320`);
    await other.context().close();
  }
  await page.goto(own);
  await page.fill("#accent", "");
  await page.check("[name=logo_goes]");
  await save();
  check("appearance: it is taken back", (await page.locator("main img.logo").count()) === 0 && (await page.inputValue("#accent")) === "");
}

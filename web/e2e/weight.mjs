// Criteria 1 and 2: what a page weighs and how soon something is seen on a slow
// network and a slow phone, because that decides who answers at all.

import { device, firstPaint, foreign, PHONE, weigh } from "./browser.mjs";
import { begin, CONTINUE, fill, place, walk } from "./interview.mjs";
import { check } from "./report.mjs";

const FIRST_PAGE = 30 * 1024;
const LATER_PAGE = 10 * 1024;

export async function weight({ browser, address, next }) {
  const page = await device(browser, address, PHONE);
  const link = (await next("vi")).link;
  const first = await weigh(page, () => page.goto(`/r/${link}`));
  check(`1 first page weighs at most 30 KB (${first.bytes} B)`, first.bytes <= FIRST_PAGE);
  check(`1 first page needs at most 3 requests (${first.addresses.length})`, first.addresses.length <= 3);
  let heaviest = await weigh(page, () => begin(page, link));
  heaviest = { ...heaviest, name: place(page) };
  const inline = [];
  const elsewhere = new Set();
  let fonts = 0;
  await walk(page, {
    each: async (shown, name) => {
      const weighed = await weigh(shown, () => shown.reload());
      if (weighed.bytes > heaviest.bytes) heaviest = { ...weighed, name };
      inline.push(...(await foreign(shown)));
      for (const one of weighed.addresses) if (!one.startsWith(address)) elsewhere.add(one);
      fonts += await shown.evaluate(() => document.fonts.size);
    },
  });
  check(`1 later pages weigh at most 10 KB (${heaviest.bytes} B, ${heaviest.name})`, heaviest.bytes <= LATER_PAGE);
  check("1 no inline script or style", inline.length === 0, inline.join(" "));
  check("1 nothing from elsewhere, no web font", elsewhere.size === 0 && fonts === 0, [...elsewhere].join(" "));
  await page.context().close();
}

const NETWORKS = [
  { name: "slow 3G", latency: 400, rate: 50 * 1024, first: 1500, later: 1000 },
  { name: "fast 3G", latency: 150, rate: 200 * 1024, first: 1000, later: 1000 },
];

/** First paints of the first page and of a later one, by a phone that was never here. */
async function paints({ browser, address, next }, network) {
  const page = await device(browser, address, PHONE);
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: network.latency,
    downloadThroughput: network.rate,
    uploadThroughput: network.rate,
  });
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const { link } = await next("vi");
  await page.goto(`/r/${link}`);
  const first = await firstPaint(page);
  await begin(page, link);
  await fill(page);
  await Promise.all([page.waitForNavigation(), page.click(CONTINUE)]);
  // The page itself, without the redirect that precedes it.
  await page.reload();
  const later = await firstPaint(page);
  await page.context().close();
  return { first, later };
}

/** The soonest of up to three visits counts: whatever else the machine does only adds. */
export async function speed(shared) {
  for (const network of NETWORKS) {
    const best = { first: Infinity, later: Infinity };
    for (let visits = 0; visits < 3; visits += 1) {
      const { first, later } = await paints(shared, network);
      best.first = Math.min(best.first, first);
      best.later = Math.min(best.later, later);
      if (best.first <= network.first && best.later <= network.later) break;
    }
    for (const name of ["first", "later"]) {
      const limit = network[name];
      check(`2 ${network.name}, slow phone: ${name} page painted within ${limit} ms (${best[name]})`, best[name] <= limit);
    }
  }
}

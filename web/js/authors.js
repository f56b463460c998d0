// Authors of one draft see one another. One stream of events serves all tabs of the
// browser, since a browser holds six connections to a server: the tab that has the lock
// listens and tells the others. Where there are no locks a tab listens while it is seen.
const DRAFT = "sondage-draft:";
const LISTENS = "sondage-listens";
const AGAIN = 15000;

const head = document.querySelector("#builder-head");
const study = head?.dataset.study;
const others = new BroadcastChannel("sondage-authors");
// What was heard last of each draft, for tabs that come later.
const heard = new Map();
let stream;
let followed;

const hear = (data) => {
  const { study: of, number, here } = JSON.parse(data);
  if (of !== study) return;
  const isNews = () => Number(head.dataset.seen) < number || head.dataset.here !== here;
  if (!isNews()) return;
  // The outline shows it in place; any other page says that there is something new.
  const told = new CustomEvent("sondage-news", { cancelable: true, detail: isNews });
  if (document.dispatchEvent(told)) show(number, here);
};

const show = async (number, here) => {
  const newer = document.querySelector("#newer");
  if (newer && Number(head.dataset.seen) < number) {
    newer.querySelector("a").href = location.href;
    newer.hidden = false;
  }
  if (head.dataset.here === here) return;
  const answer = await fetch(location.pathname + location.search);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("#others");
  if (!now) return;
  head.dataset.here = page.querySelector("#builder-head").dataset.here;
  document.querySelector("#others").replaceChildren(...now.childNodes);
};

const follow = (drafts) => {
  const address = `/builder/events?${drafts.map((draft) => `study=${draft}`).join("&")}`;
  if (address === followed && stream?.readyState !== EventSource.CLOSED) return;
  stream?.close();
  followed = address;
  stream = new EventSource(address);
  stream.addEventListener("draft", ({ data }) => {
    heard.set(JSON.parse(data).study, data);
    others.postMessage(data);
    hear(data);
  });
};

// The drafts that tabs of this browser have open: each holds a lock while it lives.
const open = async () => {
  const { held } = await navigator.locks.query();
  const drafts = held.map(({ name }) => name).filter((name) => name.startsWith(DRAFT));
  return [...new Set(drafts.map((name) => name.slice(DRAFT.length)))].sort();
};

const untilGone = () => new Promise(() => {});

const lead = async () => {
  const look = async () => follow(await open());
  others.onmessage = ({ data }) => {
    if (data !== "came") return;
    for (const told of heard.values()) others.postMessage(told);
    look();
  };
  await look();
  setInterval(look, AGAIN);
  await untilGone();
};

if (study && navigator.locks) {
  others.onmessage = ({ data }) => data !== "came" && hear(data);
  navigator.locks.request(DRAFT + study, { mode: "shared" }, () => {
    others.postMessage("came");
    return untilGone();
  });
  navigator.locks.request(LISTENS, lead);
} else if (study) {
  const look = () => {
    if (document.visibilityState === "visible") follow([study]);
    else stream?.close();
  };
  document.addEventListener("visibilitychange", look);
  look();
}

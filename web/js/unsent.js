// What was typed and not yet acknowledged, kept by the browser so that it outlives a tab,
// the browser and an hour without a connection. Each entry has the name that its edit is
// sent under, so sent again it is done once.
const STORE = "unsent";
const TAB = "sondage-tab:";

const asked = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

// Opens it for the drafts of one author; `null` where the browser keeps nothing.
export const open = async (author) => {
  let kept;
  try {
    const opening = indexedDB.open("sondage", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
    kept = await asked(opening);
  } catch {
    return null;
  }
  const own = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  navigator.locks?.request(TAB + own, () => new Promise(() => {}));
  let number = 0;

  // On the disk when it is done, also where the browser is killed in the next moment.
  const change = (what) =>
    new Promise((done, failed) => {
      const all = kept.transaction(STORE, "readwrite", { durability: "strict" });
      what(all.objectStore(STORE));
      all.oncomplete = () => done();
      all.onerror = () => failed(all.error);
      all.onabort = () => failed(all.error);
    });
  const entry = (key, path, body) => ({ key, path, body, author, tab: own, at: Date.now() });
  const typed = `${own}:typed`;

  return {
    // What is sent now, instead of what was kept while it was typed.
    async sends(path, body) {
      const key = `${own}:${String((number += 1)).padStart(9, "0")}`;
      await change((all) => {
        all.put(entry(key, path, body));
        all.delete(typed);
      });
      return key;
    },
    // What is typed while something else is being sent.
    types: (path, body) => change((all) => all.put(entry(typed, path, body))),
    forgets: (key) => change((all) => all.delete(key)),
    // Everything that was typed has been sent.
    rests: () => change((all) => all.delete(typed)),
    // What tabs left behind that are there no longer, in its order.
    async left(path) {
      const held = (await navigator.locks?.query())?.held ?? [];
      const alive = new Set(held.map(({ name }) => name));
      const all = await asked(kept.transaction(STORE).objectStore(STORE).getAll());
      const mine = all.filter((one) => one.author === author && one.path === path);
      const gone = mine.filter((one) => one.tab !== own && !alive.has(TAB + one.tab));
      // The oldest tab first; of a tab what was sent, then what was being typed.
      return gone.sort((one, other) => (one.key < other.key ? -1 : 1));
    },
  };
};

// Ctrl or ⌘ with K leads to the search, on every page of those who work here.

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const field = document.querySelector("main input[type=search]") ?? document.querySelector("#seek");
  if (!field) return;
  event.preventDefault();
  // Narrow, the bar is folded.
  if (!field.getClientRects().length) location.hash = "nav";
  field.focus();
  field.select();
});

// The search: what all pages say lies beside them as a script, so that it works from a folder too.
const input = document.getElementById("search");
const found = document.getElementById("found");
const root = document.documentElement.dataset.root || ".";
let index;

function search(words) {
  index ??= new MiniSearch({
    fields: ["heading", "title", "text"],
    storeFields: ["heading", "title", "url", "text"],
    searchOptions: { boost: { heading: 4, title: 2 }, prefix: true, fuzzy: 0.15, combineWith: "AND" },
  });
  if (index.documentCount === 0) index.addAll(globalThis.SECTIONS);
  return index.search(words).slice(0, 12);
}

function snippet({ text }, words) {
  const first = words.toLowerCase().split(/\s+/)[0];
  const at = Math.max(0, text.toLowerCase().indexOf(first) - 40);
  return (at > 0 ? "…" : "") + text.slice(at, at + 140);
}

function show() {
  const words = input.value.trim();
  const hits = words.length < 2 ? [] : search(words);
  found.replaceChildren(
    ...hits.map((hit) => {
      const link = document.createElement("a");
      link.href = `${root}/${hit.url}`;
      const where = document.createElement("b");
      where.textContent = hit.heading === hit.title ? hit.title : `${hit.title}: ${hit.heading}`;
      const said = document.createElement("span");
      said.textContent = snippet(hit, words);
      link.append(where, said);
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  if (words.length >= 2 && hits.length === 0) {
    const item = document.createElement("li");
    item.textContent = "Nothing says this.";
    found.append(item);
  }
  found.hidden = words.length < 2;
}

input.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    input.value = "";
    show();
  }
  if (event.key === "/" && !/^(?:INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    input.focus();
  }
  if (event.key === "Enter" && document.activeElement === input) found.querySelector("a")?.click();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("search")) found.hidden = true;
});
if (matchMedia("(max-width: 60rem)").matches) document.querySelector("nav details").open = false;

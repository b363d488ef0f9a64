// The form for lists: dropping files, and checking while one types. The form works without it.

import { dropZone, sendOnce, size } from "./drop.js";
import { say } from "./said.js";

const form = document.querySelector("[data-batch]");
const drop = form.querySelector("[data-drop]");
const input = drop.querySelector("input[type=file]");
const words = drop.querySelector("[data-chosen]");
const forget = drop.querySelector("[data-forget]");
const list = form.querySelector("textarea");
const start = form.querySelector("[data-start]");
const kinds = words.textContent;

// What is small enough is checked by itself; the rest is sent twice only if somebody asks for it.
const SMALL_BYTES = 8 * 1024 * 1024;
// A field for text is no place for more than this: a longer list that is pasted becomes a file.
const LONGEST_TEXT = 512 * 1024;
const REST_MS = 600;
// What a check may change: its findings, and what is wrong with a field.
const EXCHANGED = ["findings", "said-list", "said-file", "said-options"];
// The page as it came, for when everything is taken away again.
const untouched = document.cloneNode(true);

let timer = 0;
let running = null;

const bytes = () => [...input.files].reduce((sum, file) => sum + file.size, 0);
const nothing = () => input.files.length === 0 && list.value.trim() === "";

function show(fresh) {
  for (const id of EXCHANGED) document.getElementById(id).replaceWith(document.adoptNode(fresh.getElementById(id)));
  // The page still holds the files.
  document.querySelector("[data-again]")?.remove();
  // A trouble is an alert and speaks for itself.
  say(document.getElementById("trouble") ? "" : document.getElementById("found").textContent.trim());
}

async function check(asked = false) {
  clearTimeout(timer);
  running?.abort();
  if (nothing() && !asked) return show(untouched.cloneNode(true));
  const mine = (running = new AbortController());
  document.getElementById("findings").setAttribute("aria-busy", "true");
  const data = new FormData(form);
  data.set("do", "check");
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: data, headers: { Accept: "text/html" }, signal: mine.signal,
    });
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch (error) {
    if (error.name !== "AbortError") say("Loupe does not answer just now. Check again in a moment.", true);
  } finally {
    if (running === mine) document.getElementById("findings").removeAttribute("aria-busy");
  }
}

function soon() {
  clearTimeout(timer);
  running?.abort();
  if (nothing() || bytes() <= SMALL_BYTES) timer = setTimeout(check, REST_MS);
}

function chosen() {
  const count = input.files.length;
  const name = count === 1 ? input.files[0].name : `${count} files`;
  words.textContent = count ? `${name}, ${size(bytes())}` : kinds;
  words.classList.toggle("chosen", count > 0);
  forget.hidden = count === 0;
  if (count) soon();
}

dropZone(drop, input, chosen);
forget.addEventListener("click", () => {
  input.value = "";
  chosen();
  soon();
  input.focus();
});
list.addEventListener("input", soon);
for (const choice of form.querySelectorAll("select")) choice.addEventListener("change", soon);

list.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  if (text.length <= LONGEST_TEXT) return;
  event.preventDefault();
  const files = new DataTransfer();
  files.items.add(new File([text], "pasted list.txt", { type: "text/plain" }));
  input.files = files.files;
  list.value = "";
  chosen();
});

form.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "check") return;
  event.preventDefault();
  check(true);
});

const ready = sendOnce(form, () => {
  clearTimeout(timer);
  running?.abort();
  start.textContent = "Sending …";
});

// A page that comes back from the browser's history is ready again.
addEventListener("pageshow", () => {
  ready();
  start.textContent = "Start";
  chosen();
});

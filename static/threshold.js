// The slider of a version's page: shows what a threshold does while it moves. The form's button does the same without it.

import { say } from "./said.js";

const PAUSE_MS = 120;
const form = document.querySelector("[data-threshold]");
const slider = form.elements.sure;
const chosen = form.querySelector("[data-chosen]");
let timer = 0;
let running = null;

function address() {
  return `${location.pathname}?${new URLSearchParams(new FormData(form))}`;
}

async function show() {
  running?.abort();
  const mine = (running = new AbortController());
  const answer = await fetch(address(), { headers: { Accept: "text/html" }, signal: mine.signal });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = fresh.getElementById("sure-found");
  if (!found || mine.signal.aborted) return;
  document.getElementById("sure-found").replaceWith(document.adoptNode(found));
  // What is reloaded, or sent to somebody, shows the same.
  history.replaceState(null, "", `${address()}#sure`);
  const numbers = [...found.querySelectorAll("dl div")].slice(0, 3);
  const words = numbers.map((one) => `${one.querySelector("dt").textContent.split(":")[0]} ${one.querySelector("dd").textContent}`);
  say(words.join(", "));
}

function later() {
  chosen.textContent = `${slider.value}\u202f%`;
  slider.setAttribute("aria-valuetext", `${slider.value} percent`);
  clearTimeout(timer);
  // What does not come is no harm: the button asks for it as well.
  timer = setTimeout(() => show().catch(() => {}), PAUSE_MS);
}

chosen.textContent = `${slider.value}\u202f%`;
for (const field of [slider, form.elements.of]) field.addEventListener("input", later);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show().catch(() => form.submit());
});

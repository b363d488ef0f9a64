// Keeps a page that waits for something up to date: fetches it again and exchanges the parts that changed.
// Without script the page reloads itself by a meta refresh; this only saves the reload.

import { say } from "./said.js";

const EVERY_MS = 1000;
const SLOWEST_MS = 15000;
// A page that takes the server long, as a rare filter over a long list does, is asked for less often.
const REST_PER_WORK = 10;

let pause = EVERY_MS;

const SCROLLED = ".scroll, pre";
const REACHED = "a, button, input, select, summary, [tabindex]";

// Who goes through a page with the keyboard stays where they are, though that part was exchanged.
function keepFocus(focused, old, now) {
  const all = [...now.querySelectorAll(REACHED)];
  const href = focused.getAttribute("href");
  const same = focused.id ? all.find(({ id }) => id === focused.id)
    : all.find((one) => href && one.getAttribute("href") === href)
      ?? all[[...old.querySelectorAll(REACHED)].indexOf(focused)];
  same?.focus({ preventScroll: true });
}

// A table that is wider than the screen stays where it was moved to.
function keepScroll(old, now) {
  const fresh = [...now.querySelectorAll(SCROLLED)];
  [...old.querySelectorAll(SCROLLED)].forEach((one, place) => {
    if (!fresh[place]) return;
    fresh[place].scrollLeft = one.scrollLeft;
    fresh[place].scrollTop = one.scrollTop;
  });
}

function exchange(fresh) {
  const focused = document.activeElement;
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (!now) return false;
    if (now.outerHTML === old.outerHTML) continue;
    old.before(document.adoptNode(now));
    keepScroll(old, now);
    old.remove();
    if (old.contains(focused)) keepFocus(focused, old, now);
  }
  return true;
}

async function look() {
  if (document.hidden) return true;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`the server answered ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  // Another kind of page than this one, such as the form once the first model is there: begin anew.
  if (!answer.ok || fresh.querySelector("h1").textContent !== document.querySelector("h1").textContent || !exchange(fresh)) {
    location.reload();
    return false;
  }
  document.title = fresh.title;
  say(fresh.getElementById("said").textContent.trim());
  return fresh.querySelector("[data-refresh]") !== null;
}

async function turn() {
  let more = true;
  const began = performance.now();
  try {
    more = await look();
    pause = Math.min(Math.max(EVERY_MS, REST_PER_WORK * (performance.now() - began)), SLOWEST_MS);
  } catch {
    pause = Math.min(pause * 2, SLOWEST_MS);
    say("Loupe does not answer just now. This page tries again by itself.", true);
  }
  if (more) setTimeout(turn, pause);
}

setTimeout(turn, EVERY_MS);

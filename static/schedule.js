// The form of a schedule: shows the next times while one types. The form's button does the same without it.

const PAUSE_MS = 300;
const form = document.querySelector("[data-schedule]");
let timer = 0;
let newest = 0;

async function show() {
  const number = ++newest;
  const query = new URLSearchParams(["cron", "timezone"].map((name) => [name, form.elements[name].value]));
  const answer = await fetch(`${location.pathname}?${query}`, { headers: { Accept: "text/html" } });
  if (!answer.ok || number !== newest) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("next");
  // Exchanged inside, so that the live region stays and says what is new in it.
  if (fresh && number === newest) document.getElementById("next").replaceChildren(...document.adoptNode(fresh).childNodes);
}

function later() {
  clearTimeout(timer);
  // What does not come is no harm: the button asks for it, and saving checks it.
  timer = setTimeout(() => show().catch(() => {}), PAUSE_MS);
}

if (form) for (const name of ["cron", "timezone"]) form.elements[name].addEventListener("input", later);

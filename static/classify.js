// The classify form: dropping and pasting files, and a preview of the chosen picture. The form works without it.

import { dropZone, sendOnce } from "./drop.js";

const form = document.querySelector("[data-classify]");
const drop = form.querySelector("[data-drop]");
const input = drop.querySelector("input[type=file]");
const send = drop.querySelector("[data-send]");

function preview(file) {
  const card = document.querySelector("[data-answer]");
  let frame = card.querySelector(".frame");
  if (!frame) {
    frame = document.createElement("div");
    frame.className = "frame";
    card.prepend(frame);
  }
  const words = document.createElement("p");
  words.textContent = file.name;
  frame.replaceChildren(words);
  // What the browser cannot show, Loupe may still be able to read: its name stays in the frame.
  createImageBitmap(file).then((bitmap) => {
    // Another one may have been chosen meanwhile.
    if (!words.isConnected) return;
    const scale = Math.min(1, 960 / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, bitmap.width * scale);
    canvas.height = Math.max(1, bitmap.height * scale);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `The chosen picture, ${file.name}`);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    frame.replaceChildren(canvas);
  }, () => {});
}

function chosen() {
  const count = input.files.length;
  drop.classList.toggle("nothing", count === 0);
  send.classList.toggle("primary", count > 0);
  if (count === 0) return;
  send.textContent = count === 1 ? `Classify ${input.files[0].name}` : `Classify ${count} files`;
  if (count === 1) preview(input.files[0]);
}

dropZone(drop, input, (dropped) => {
  chosen();
  if (dropped) send.focus();
});
chosen();

const ready = sendOnce(form, (button) => {
  if (button === send) send.textContent = "Sending …";
});

// A page that comes back from the browser's history is ready again.
addEventListener("pageshow", () => {
  ready();
  chosen();
});

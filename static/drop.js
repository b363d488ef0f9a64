// What the forms that take files share.

// A place to drop files on: the whole page takes them, the marked box shows it, its file input holds them.
// `chosen` is told whether the files came by themselves, dropped or pasted, and not by the input.
export function dropZone(drop, input, chosen) {
  function take(files) {
    if (files.length === 0) return false;
    input.files = files;
    chosen(true);
    return true;
  }

  drop.classList.add("scripted");
  input.addEventListener("change", () => chosen(false));
  for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drop.classList.toggle("over", over);
      if (name === "drop") take(event.dataTransfer.files);
    });
  }
  document.addEventListener("paste", (event) => {
    // Spreadsheets put a picture of the cells beside their text.
    if (event.clipboardData.getData("text/plain")) return;
    if (take(event.clipboardData.files)) event.preventDefault();
  });
}

// One click is one job: the buttons rest until the next page comes. Returns what makes them ready again.
export function sendOnce(form, sending) {
  const buttons = () => form.querySelectorAll("button[type=submit]");
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of buttons()) button.setAttribute("aria-disabled", "true");
    sending(event.submitter);
  });
  return () => {
    delete form.dataset.sent;
    for (const button of buttons()) button.removeAttribute("aria-disabled");
  };
}

// The line at the end of every page that screen readers read out. What went wrong is to be seen as well.

const line = document.getElementById("said");

export function say(text, away = false) {
  line.className = away ? "away" : "hidden";
  if (line.textContent !== text) line.textContent = text;
}

// Tells whether it says just now that something went wrong.
export const isAway = () => line.classList.contains("away");

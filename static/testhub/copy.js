/*
 * A button with data-copy="ID" copies the text of that element. Browsers give pages that are
 * served without TLS no clipboard, except on this machine: there a selection is copied.
 */
addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy).textContent;
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copySelected(text);
  button.classList.add("th-copied");
  setTimeout(() => button.classList.remove("th-copied"), 1500);
});

function copySelected(text) {
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

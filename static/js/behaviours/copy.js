// Copies the text of an element, and says so; where the browser does not let us, it marks the text to be copied by hand.
"use strict";

document.querySelectorAll('button[data-behaviour="copy"]').forEach((button) => {
  const source = document.getElementById(button.dataset.copies);
  const told = button.parentElement.querySelector('[role="status"]');

  const mark = () => {
    getSelection().selectAllChildren(source);
    told.textContent = button.dataset.failed;
  };

  button.hidden = false;
  button.addEventListener("click", async () => {
    told.textContent = "";
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      told.textContent = button.dataset.done;
    } catch {
      mark();
    }
  });
});

// Keys for the desk: j and k go down and up its cases, and / goes to the filters; never while somebody types.
"use strict";

const rows = document.querySelector('[data-behaviour="keys"]');
const help = document.querySelector("[data-keys-help]");
if (rows) {
  const links = Array.from(rows.querySelectorAll("a"));
  const go = (step) => {
    const here = links.indexOf(document.activeElement);
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1);
    links[next].focus();
  };
  const filters = () => document.querySelector(".search select").focus();
  const acts = { j: () => go(1), k: () => go(-1), "/": filters };
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest("input, select, textarea, [contenteditable]");
    const act = acts[event.key];
    if (!act || types || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    act();
  });
  if (help) {
    help.hidden = false;
  }
}

// Keys for the desk, within its list alone: j and k go down and up its cases, and / goes to the filters (WCAG 2.2, 2.1.4).
"use strict";

const rows = document.querySelector('[data-behaviour="keys"]');
const help = document.querySelector("[data-keys-help]");
if (rows) {
  const links = Array.from(rows.querySelectorAll("a"));
  const go = (step) => {
    const next = Math.min(Math.max(links.indexOf(document.activeElement) + step, 0), links.length - 1);
    links[next].focus();
  };
  const filters = () => document.querySelector(".search select").focus();
  const acts = { j: () => go(1), k: () => go(-1), "/": filters };
  rows.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    act();
  });
  if (help) {
    help.hidden = false;
  }
}

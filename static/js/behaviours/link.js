// Moves the link's secret from the address bar into the form, where only a person's press of the button sends it.
"use strict";

(() => {
  const SECRET = /^#([0-9a-z]{20})\.([0-9a-z]{50})/;
  const LIKE_A_SECRET = /^#[0-9a-z]{20}\./;
  const place = `link:${location.pathname}`;

  // A browser may refuse to keep anything; then only a reload loses the link.
  const kept = {
    write: (text) => { try { sessionStorage.setItem(place, text); } catch { /* not kept */ } },
    read: () => { try { return sessionStorage.getItem(place) || ""; } catch { return ""; } },
    erase: () => { try { sessionStorage.removeItem(place); } catch { /* was not kept */ } },
  };

  const takeFromAddressBar = () => {
    const fragment = location.hash;
    if (!LIKE_A_SECRET.test(fragment)) return;
    history.replaceState(null, "", location.pathname + location.search);
    const found = SECRET.exec(fragment);
    if (found) kept.write(found[0]);
  };

  const fill = (form) => {
    const found = SECRET.exec(kept.read());
    if (!found) return;
    form.elements.public_id.value = found[1];
    form.elements.token.value = found[2];
    form.querySelectorAll("[data-without-link]").forEach((part) => { part.hidden = true; });
    form.querySelectorAll("[data-with-link]").forEach((part) => { part.hidden = false; });
  };

  const begin = () => {
    takeFromAddressBar();
    document.querySelectorAll('form[data-behaviour="link"]').forEach(fill);
  };

  begin();
  addEventListener("hashchange", begin);
  addEventListener("pageshow", begin);
  addEventListener("submit", (event) => {
    if (event.target.matches('form[data-behaviour="link"]')) kept.erase();
  });
})();

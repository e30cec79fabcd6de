// Says in words whether a new password is long enough yet; counts code points, as the server does.
"use strict";

document.querySelectorAll('input[data-behaviour="length"]').forEach((input) => {
  const told = document.createElement("p");
  told.className = "govuk-hint";
  told.setAttribute("role", "status");
  input.closest(".govuk-form-group").append(told);
  input.addEventListener("input", () => {
    const length = Array.from(input.value).length;
    const words = length >= Number(input.dataset.least) ? input.dataset.enough : input.dataset.short;
    told.textContent = length === 0 ? "" : `${words} (${length})`;
  });
});

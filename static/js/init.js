// Starts the vendored components and marks the page, so that styles know that scripts run.
"use strict";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
window.GOVUKFrontend.initAll();

// Starts the web interface.
import "./styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { session } from "./api/session";
import { App } from "./app/App";
import { fetchFirst } from "./app/pages";
import { keepGutter } from "./lib/gutter";
import { applyTheme } from "./lib/theme";

applyTheme();
keepGutter();
// Both take a while and need nothing of what is drawn, so they begin before it.
fetchFirst(window.location.pathname, session.isKnown());
void session.restore();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

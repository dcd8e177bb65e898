// How wide the place of the page's scroll bar is. While a dialog is open the page keeps that place free itself, so that the dialog reaches the
// edge of the screen and nothing behind it moves; styles.css does it.

function measure() {
  // While a dialog is open there is no scroll bar to measure.
  if (document.querySelector("dialog[open]")) return;
  const page = document.documentElement;
  page.style.setProperty("--gutter", `${Math.max(0, window.innerWidth - page.getBoundingClientRect().width)}px`);
}

/** Measures whenever the page has another size: with its first layout, in another window, at another zoom. */
export function keepGutter() {
  new ResizeObserver(measure).observe(document.documentElement);
}

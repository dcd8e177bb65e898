// Sets the theme before anything is painted, so that a page for bright rooms does not begin dark. The rest is src/lib/theme.ts, which
// knows the same key.
{
  const chosen = localStorage.getItem("aos.theme");
  const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  document.documentElement.dataset.theme = chosen === "dark" || chosen === "light" ? chosen : system;
}

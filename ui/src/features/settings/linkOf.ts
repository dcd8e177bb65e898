// The whole address of a link that the server made.

/** A server that was not told its own address gives the path only; this page knows the rest. */
export function linkOf(link: string): string {
  return new URL(link, window.location.origin).toString();
}

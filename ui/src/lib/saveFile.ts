// Hands a file to the browser to keep.
export function saveFile(content: Blob, name: string) {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the file by then; the address would otherwise keep it in memory.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

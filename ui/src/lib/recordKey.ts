// How an address names one record. Pure.

/** Names one record in the address; ids may hold any sign, so the parts are encoded. */
export const formatRecordKey = (source: string, id: string) =>
  `${encodeURIComponent(source)}/${encodeURIComponent(id)}`;

export function parseRecordKey(key: string): { source: string; id: string } | null {
  const [source, id, ...rest] = key.split("/");
  if (!source || !id || rest.length > 0) return null;
  try {
    return { source: decodeURIComponent(source), id: decodeURIComponent(id) };
  } catch {
    return null;
  }
}

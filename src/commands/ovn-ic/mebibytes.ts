/**
 * Bytes of a number of MiB, from 1 to 1024, for more no process could hold parsed; null for any other text.
 */
export function mebibytes(text: string): number | null {
  const count = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= 1024 ? count * 1024 * 1024 : null;
}

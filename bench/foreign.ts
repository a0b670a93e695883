/** C programs that lie in the tree of another Debian release. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface Program {
  /** How it is started. */
  readonly words: readonly string[];
  /** Where the schemas of its release are. */
  readonly schemas: string;
}

/**
 * The program at a path; one that lies in the tree of another Debian release is run through that tree's
 * loader.
 */
export function programAt(path: string): Program {
  const tree = dirname(dirname(dirname(resolve(path))));
  const library = join(tree, "usr/lib/x86_64-linux-gnu");
  const loader = join(library, "ld-linux-x86-64.so.2");
  if (tree === "/" || !existsSync(loader)) return { words: [path], schemas: "/usr/share/ovn" };
  return {
    words: [loader, "--inhibit-cache", "--library-path", library, path],
    schemas: join(tree, "usr/share/ovn"),
  };
}

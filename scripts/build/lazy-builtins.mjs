// A plugin of esbuild for built-in modules that take milliseconds to load, and that many runs never use:
// within the bundles they are loaded when something of them is first used. (A named import is a property
// access in CommonJS, so a getter can do that.)
const lazyBuiltins = ["node:crypto", "node:net", "node:os", "node:tls", "node:tty"];

/** @type {import("esbuild").Plugin} */
export const loadBuiltinsLazily = {
  name: "load-builtins-lazily",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) =>
      lazyBuiltins.includes(path) ? { path, namespace: "lazy-builtin" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "lazy-builtin" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== "default");
      // Without the prefix the plugin leaves it alone.
      const builtin = JSON.stringify(path.replace("node:", ""));
      const define = `Object.defineProperty(exports, name, { enumerable: true, get: () => require(${builtin})[name] })`;
      return { contents: `for (const name of ${JSON.stringify(names)}) ${define};`, loader: "js" };
    });
  },
};

/** The version of this package; the build and the tests put it in. */
declare const __OVN_IC_TOOLS_VERSION__: string;

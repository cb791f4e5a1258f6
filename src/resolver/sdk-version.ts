/** What `sluice fleet` shows of a resolver. A constant: the library is bundled, and package.json is not in the bundle. */
export const SDK_VERSION = "0.1.0";

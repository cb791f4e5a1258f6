/** Pages load scripts, styles, pictures and data of this server alone, and nobody can put one of them into a frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "font-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types sluice",
].join("; ");

/** What a page of ours never asks of a browser. */
const NO_PERMISSIONS = ["camera", "display-capture", "geolocation", "microphone", "payment", "usb"]
  .map((feature) => `${feature}=()`)
  .join(", ");

const COMMON = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": NO_PERMISSIONS,
};

/** Of the page itself, which names the files of the present release. */
export const PAGE_HEADERS = { ...COMMON, "cache-control": "no-store" };

/** Of a file whose name says what is in it. */
export const ASSET_HEADERS = { ...COMMON, "cache-control": "public, max-age=31536000, immutable" };

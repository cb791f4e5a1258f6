import { isIP } from "node:net";
import { invalidInput } from "../domain/errors.ts";
import { shown } from "../domain/text/visible.ts";

/** Addresses and CIDRs of proxies, with commas or spaces between. Anything else is `invalid_input`. */
export function readTrustedProxies(text: string, name = "SLUICE_TRUSTED_PROXIES"): string[] {
  const given = text.split(/[\s,]+/).filter((part) => part !== "");
  const wrong = given.find((part) => {
    const [address = "", bits, ...more] = part.split("/");
    const most = isIP(address) === 4 ? 32 : 128;
    return (
      isIP(address) === 0 ||
      more.length > 0 ||
      !(bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
    );
  });
  if (wrong !== undefined)
    throw invalidInput(
      `${name} is a list of addresses and CIDRs, as in 10.0.0.0/8; ${shown(wrong)} is neither`,
      { name },
    );
  return given;
}

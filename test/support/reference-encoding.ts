import { getEncoding, type Tiktoken, type TiktokenEncoding } from "js-tiktoken";

const made = new Map<TiktokenEncoding, Tiktoken>();

/** An encoding by another implementation than ours. Making one takes a second, so it is made once a process. */
export function referenceEncoding(name: TiktokenEncoding): Tiktoken {
  let encoding = made.get(name);
  if (encoding === undefined) made.set(name, (encoding = getEncoding(name)));
  return encoding;
}

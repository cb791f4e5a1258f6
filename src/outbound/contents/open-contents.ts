import { isAbsolute } from "node:path";
import { LRUCache } from "lru-cache";
import { invalidInput } from "../../domain/errors.ts";
import type { ContentStore } from "../../storage/contents.ts";
import { bucketContents } from "./bucket-contents.ts";
import type { ContentPlace } from "./content-place.ts";
import { folderContents } from "./folder-contents.ts";

/** Characters of what was read last: a page that is looked at again and again reads its test cases once. */
const REMEMBERED = 32 << 20;

/** Opens where contents are kept; `invalid_input` where that is no folder and no bucket. Nothing is asked yet. */
export function openContents(at: ContentPlace): ContentStore {
  const store = openPlace(at);
  const read = new LRUCache<string, string>({
    maxSize: REMEMBERED,
    sizeCalculation: (text) => text.length + 1,
  });
  return {
    ...store,
    async read(sha256) {
      const text = read.get(sha256) ?? (await store.read(sha256));
      if (text !== undefined) read.set(sha256, text);
      return text;
    },
  };
}

function openPlace(at: ContentPlace): ContentStore {
  if (isAbsolute(at.place)) return folderContents(at.place);
  if (at.place.startsWith("s3:")) return bucketContents(at);
  throw invalidInput("SLUICE_CONTENTS must be an absolute folder, or a bucket: s3://BUCKET/PREFIX?region=R");
}

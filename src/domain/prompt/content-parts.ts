import type { ContentPart } from "./artifact.ts";

/** A text of a message that may hold variables, and where in its content it stands. */
export interface ContentText {
  /** Empty for a message that is one text; else the part and its key. */
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** Every text of a message's content: the message itself, or what its parts are made of. */
export function contentTexts(content: string | readonly ContentPart[]): ContentText[] {
  if (typeof content === "string") return [{ path: [], text: content }];
  return content.flatMap((part, index) =>
    Object.entries(part).flatMap(([key, text]) =>
      key === "type" || key === "detail" || typeof text !== "string" ? [] : [{ path: [index, key], text }],
    ),
  );
}

/** What a message says in words: its text parts, one after the other. */
export function wordsOf(content: string | readonly ContentPart[]): string {
  if (typeof content === "string") return content;
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}

const ADDRESS = /^(?:https?:\/\/\S+|data:[a-z]+\/[-+.\w]+;base64,[A-Za-z0-9+/=_-]+)$/i;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const MEDIA_TYPE = /^[a-z]+\/[-+.\w]+$/i;

/** What keeps an image or a file, with its values in place, from being sent; undefined where nothing does. */
export function partProblem(part: ContentPart): string | undefined {
  if (part.type === "text") return undefined;
  const { type, url, data, media_type: mediaType } = part;
  if ((url === undefined) === (data === undefined)) return `${type} needs either url or data`;
  if (url !== undefined && !ADDRESS.test(url))
    return `${type}: its url must begin with https://, or be data:TYPE;base64,…`;
  if (data !== undefined && !BASE64.test(data)) return `${type}: its data must be base64`;
  if (data !== undefined && mediaType === undefined)
    return `${type}: data needs a media_type, as in image/png`;
  if (mediaType !== undefined && !MEDIA_TYPE.test(mediaType))
    return `${type}: "${mediaType.slice(0, 40)}" is not a media type`;
  return undefined;
}

/** The bytes of an image or a file, and what they are; undefined where it is at an address elsewhere. */
export function embedded(
  part: Exclude<ContentPart, { type: "text" }>,
): { mediaType: string; data: string } | undefined {
  if (part.data !== undefined) return { mediaType: part.media_type!, data: part.data };
  const match = /^data:([^;]+);base64,(.*)$/is.exec(part.url ?? "");
  return match ? { mediaType: match[1]!, data: match[2]! } : undefined;
}

/** About how many tokens images and files are, on the safe side: the vendors count their sides and pages. */
export function partTokens(parts: readonly ContentPart[]): number {
  return parts.reduce((sum, part) => sum + tokensOf(part), 0);
}

function tokensOf(part: ContentPart): number {
  if (part.type === "text") return 0;
  if (part.type === "image") return part.detail === "low" ? LOW_IMAGE : IMAGE;
  const bytes = embedded(part);
  if (!bytes) return PAGE;
  // Four bytes of text a token; of a document about 50 kB a page.
  const bytesPerToken = bytes.mediaType.startsWith("text/") ? 4 : 25;
  return Math.max(PAGE, Math.ceil((bytes.data.length * 3) / 4 / bytesPerToken));
}

/** A large image at Anthropic (a side of 1,568 pixels at most); OpenAI's take fewer, and these when looked at closely no less. */
const IMAGE = 1_600;
/** OpenAI's `detail: low`. */
const LOW_IMAGE = 85;
/** A page of a document, as text and as a picture. */
const PAGE = 2_000;

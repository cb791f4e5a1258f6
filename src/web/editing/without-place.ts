const PLACE = /^body\.file(?::\d+:\d+)?: /;

/** What is wrong with a draft, without where in the request: it has no lines that whoever writes could see. */
export function withoutPlace(message: string): string {
  return message.replace(PLACE, "");
}

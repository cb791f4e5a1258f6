import { notFound, type SluiceError } from "../errors.ts";

const ID = /^[a-z0-9]{12}$/;

/** The id that somebody names a key by, or the id in its whole text; undefined where the text can be none. */
export function keyIdOf(given: string): string | undefined {
  const id = /^slu_([a-z0-9]{12})_/.exec(given)?.[1] ?? given.replace(/^slu_/, "");
  return ID.test(id) ? id : undefined;
}

/** What was given is not repeated where it is no id: it may be a secret. */
export function noSuchKey(id: string | undefined): SluiceError {
  return notFound(`there is no key${id === undefined ? "" : ` ${id}`}; see: sluice keys list --all`);
}

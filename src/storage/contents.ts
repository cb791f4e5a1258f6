/** Where contents are kept that are too large for a row, each by the SHA-256 of its text. Safe to repeat, all of it. */
export interface ContentStore {
  /** For people; no secret in it. */
  readonly place: string;
  write(sha256: string, text: string): Promise<void>;
  /** Undefined: it is not there. `unavailable` where the store cannot say. */
  read(sha256: string): Promise<string | undefined>;
  has(sha256: string): Promise<boolean>;
  remove(sha256: string): Promise<void>;
}

/** What a database has in common with its transactions. */
interface Queries {
  getExecutor(): { readonly adapter: object };
}

const stores = new WeakMap<object, ContentStore>();

/** From now on what is large goes there, and is read from there, over this database and its transactions. */
export function useContents(db: Queries, store: ContentStore | undefined): void {
  if (store) stores.set(db.getExecutor().adapter, store);
}

export function contentsOf(db: Queries): ContentStore | undefined {
  return stores.get(db.getExecutor().adapter);
}

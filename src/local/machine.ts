/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the local parts need of the machine they run on; `readLocalMachine` of config.ts reads it. */
export interface LocalMachine {
  /** The value of PATH. */
  readonly searchPath: string;
  /** Where what was downloaded or built is kept between runs. */
  readonly cacheDir: string;
  /** For programs that we run for the user and that look at their own variables, such as Go. */
  readonly environment: Environment;
}

export interface Meter {
  placeholder?: never;
}

/** A draft that nobody has worked on for so many days is removed. */
export const DRAFT_DAYS = 90;

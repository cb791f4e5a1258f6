import * as v from "valibot";

/**
 * A schema for values that may be written in several forms, chosen by looking at the value: what is wrong is
 * then said of the form that was meant, where a union would only say that none fits. `options` is where the
 * message for an unknown key finds the known ones.
 */
export function byForm<Output>(
  options: readonly v.GenericSchema[],
  choose: (value: unknown) => v.GenericSchema<unknown, Output>,
): v.GenericSchema<unknown, Output> {
  return Object.assign(v.lazy<v.GenericSchema<unknown, Output>>(choose), { options });
}

/** A value, or a list of such values. */
export function oneOrMore<Output>(
  schema: v.GenericSchema<unknown, Output>,
  message: string,
): v.GenericSchema<unknown, Output | Output[]> {
  const list = v.array(schema, message);
  return byForm<Output | Output[]>([schema, list], (value) => (Array.isArray(value) ? list : schema));
}

/** A text, or what `schema` describes. */
export function textOr<Output>(
  schema: v.GenericSchema<unknown, Output>,
): v.GenericSchema<unknown, Output | string> {
  const text = v.string();
  return byForm<Output | string>([text, schema], (value) => (typeof value === "string" ? text : schema));
}
